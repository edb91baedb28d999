package mailbox

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// spooler keeps what is written to it so that it can be read at random: up to memory octets in memory, more in a temporary
// file that has no name. It takes no more than most octets; a negative number means any.
type spooler struct {
	memory, most int64
	buf          []byte
	tmp          *os.File
	n            int64
}

// errTooMuch is the error of a spooler that is full.
var errTooMuch = errors.New("too many octets to keep")

func (s *spooler) Write(p []byte) (int, error) {
	if s.most >= 0 && s.n+int64(len(p)) > s.most {
		return 0, errTooMuch
	}
	if s.tmp == nil {
		if s.n+int64(len(p)) <= s.memory {
			s.buf = append(s.buf, p...)
			s.n += int64(len(p))
			return len(p), nil
		}
		tmp, err := tempFile()
		if err != nil {
			return 0, noRoom(err)
		}
		s.tmp = tmp
		if _, err := tmp.Write(s.buf); err != nil {
			return 0, noRoom(err)
		}
		s.buf = nil
	}
	n, err := s.tmp.Write(p)
	s.n += int64(n)
	return n, noRoom(err)
}

// noRoom says of an error of a temporary file where it lies: without that it would read as one of what is read.
func noRoom(err error) error {
	if err == nil {
		return nil
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err // the name of a file without a name says nothing
	}
	return fmt.Errorf("keep it in a temporary file in %s, which TMPDIR can move: %w", os.TempDir(), err)
}

// file gives what was written, and takes it from s.
func (s *spooler) file() *file {
	if s.tmp != nil {
		f := newFile(s.tmp, s.tmp)
		s.tmp = nil
		return f
	}
	b := s.buf
	s.buf = nil
	return newFile(Octets(b), nil)
}

// drop gives back what was written and not taken.
func (s *spooler) drop() {
	if s.tmp != nil {
		s.tmp.Close()
		s.tmp = nil
	}
	s.buf, s.n = nil, 0
}

// spool keeps r whole.
func spool(r io.Reader, memory, most int64) (*file, int64, error) {
	s := &spooler{memory: memory, most: most}
	buf := copyBuffers.Get().(*[]byte)
	defer copyBuffers.Put(buf)
	// Without the wrapping a *os.File on the one side or the other would copy in its own way.
	n, err := io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{r}, *buf)
	if err != nil {
		s.drop()
		return nil, n, err
	}
	return s.file(), n, nil
}

// namedTempFile makes a temporary file and takes its name away. newFile sees to it where an open file cannot be removed.
func namedTempFile() (*os.File, error) {
	f, err := os.CreateTemp("", "postern-*")
	if err == nil {
		os.Remove(f.Name())
	}
	return f, err
}

var copyBuffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}
