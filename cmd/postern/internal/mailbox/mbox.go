package mailbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// maxPostmark is the number of octets of a line that are looked at for a postmark; a longer line is none.
const maxPostmark = 1000

// postmarkDate and postmarkBare are the shapes of a line that begins a message: "From ", somewhere a time and a year of four
// digits, in either order, as every program writes it; or "From -" and "From a@b" with nothing more, as old Netscape and
// Google Takeout do. Neither an empty line before it nor its absence tells anything: real archives have postmarks without
// one, and sentences that begin with "From " after one.
var (
	postmarkDate = regexp.MustCompile(`^From .*\b\d{1,2}:\d{2}(:\d{2})?\b.*\b\d{4}\b|^From .*\b\d{4}\b.*\b\d{1,2}:\d{2}(:\d{2})?\b`)
	postmarkBare = regexp.MustCompile(`^From (-|[^\s@]+@[^\s@]+)\s*$`)
)

func isPostmark(line []byte) bool {
	return len(line) <= maxPostmark && (postmarkDate.Match(line) || postmarkBare.Match(line))
}

// mbox yields the messages of f and gives true if f is an mbox: it begins with a line "From " and is called .mbox or .mbx, or
// holds two or more postmarks. A file with one such line at its beginning is a single message; its line is left to mimesize,
// which does not count it.
//
// Quoted lines (">From ") are left as they are, because that is how the message was stored and measured.
func (w *walker) mbox(f *file, size int64, name string, head []byte) bool {
	lower := strings.ToLower(name)
	named := strings.HasSuffix(lower, ".mbox") || strings.HasSuffix(lower, ".mbx") || strings.HasSuffix(lower, ".mbox.txt")
	begin := head
	if named {
		begin = bytes.TrimLeft(head, " \t\r\n\v\f")
	}
	if !bytes.HasPrefix(begin, []byte("From ")) {
		return false
	}
	s := &splitter{ctx: w.ctx, r: f, size: size, line: 1}
	first, err := s.first(int64(len(head) - len(begin)))
	marks := []mark{first}
	seen := 0
	if first.shaped {
		seen = 1
	}
	end := false
	for err == nil && !end && !named && seen < 2 {
		var m mark
		if m, end, err = s.next(); err == nil && !end {
			marks = append(marks, m)
			seen++
		}
	}
	if err == nil && end && seen < 2 {
		return false
	}
	// From here on the file is an mbox; marks holds those postmarks that had to be read to know it.
	for i := 1; err == nil && !w.done && w.ctx.Err() == nil; i++ {
		if len(marks) < 2 && !end {
			var m mark
			if m, end, err = s.next(); err == nil && !end {
				marks = append(marks, m)
			}
		}
		if err != nil {
			break
		}
		m, stop := marks[0], size
		if len(marks) > 1 {
			stop = marks[1].start
		}
		n := trimmed(f, m.body, max(stop, m.body))
		w.message(Message{
			Name: fmt.Sprintf("%s#%d", name, i), Path: name, FirstLine: m.line, Offset: m.body, Size: n,
			Reader: io.NewSectionReader(f, m.body, n), file: f.retain(),
		})
		if marks = marks[1:]; len(marks) == 0 {
			return true
		}
	}
	if err != nil && w.ctx.Err() == nil {
		w.fail(name, fmt.Errorf("the rest of the mbox cannot be read: %w", reason(err)), "")
	}
	return true
}

// trimmed is the length of a message between two offsets, without the one empty line that stands before the next postmark.
func trimmed(r io.ReaderAt, from, to int64) int64 {
	var b [4]byte
	n := min(to-from, int64(len(b)))
	if k, _ := r.ReadAt(b[:n], to-n); int64(k) != n {
		return to - from // reading the message itself will meet the error
	}
	switch tail := b[:n]; {
	case bytes.HasSuffix(tail, []byte("\r\n\r\n")):
		return to - from - 2
	case bytes.HasSuffix(tail, []byte("\n\n")):
		return to - from - 1
	}
	return to - from
}

// mark is a postmark.
type mark struct {
	start  int64 // of its line
	body   int64 // the first octet after its line
	line   int64 // the 1-based line after it
	shaped bool  // it has the shape of a postmark; false only at the beginning of a file
}

// splitter finds postmarks in one pass over a file, in memory that does not depend on the file.
type splitter struct {
	ctx  context.Context
	r    io.ReaderAt
	size int64
	buf  []byte
	base int64 // offset of buf[0]
	pos  int   // next octet of buf to look at
	line int64 // line that buf[pos] lies on
	eof  bool
}

const splitBuffer = 256 << 10

var postmarkBegin = []byte("\nFrom ")

// fill drops what was looked at and reads until the buffer is full or the file ends.
func (s *splitter) fill() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.buf == nil {
		s.buf = make([]byte, 0, splitBuffer)
	}
	n := copy(s.buf[:cap(s.buf)], s.buf[s.pos:])
	s.base += int64(s.pos)
	s.pos = 0
	want := min(int64(cap(s.buf)-n), s.size-s.base-int64(n))
	k, err := s.r.ReadAt(s.buf[n:n+int(want)], s.base+int64(n))
	s.buf = s.buf[:n+k]
	if int64(k) == want {
		s.eof = s.base+int64(len(s.buf)) == s.size
		return nil
	}
	if err == io.EOF || err == nil {
		return io.ErrUnexpectedEOF // the file became shorter while it was read
	}
	return err
}

// first gives the mark of the line "From " that begins the file after lead blank octets, whatever its shape.
func (s *splitter) first(lead int64) (mark, error) {
	if err := s.fill(); err != nil {
		return mark{}, err
	}
	return s.mark(int(lead)), nil
}

// next gives the next postmark; end tells that there is none.
func (s *splitter) next() (m mark, end bool, err error) {
	for {
		i := bytes.Index(s.buf[s.pos:], postmarkBegin)
		if i < 0 {
			if s.eof {
				return mark{}, true, nil
			}
			s.advance(max(len(s.buf)-len(postmarkBegin)+1, s.pos))
			if err := s.fill(); err != nil {
				return mark{}, false, err
			}
			continue
		}
		start := s.pos + i + 1
		if !s.eof && len(s.buf)-start <= maxPostmark {
			s.advance(start - 1)
			if err := s.fill(); err != nil {
				return mark{}, false, err
			}
			continue
		}
		if m := s.mark(start); m.shaped {
			return m, false, nil
		}
	}
}

// mark reads the postmark line at buf[start] and goes on to it.
func (s *splitter) mark(start int) mark {
	s.advance(start)
	line := s.buf[start:]
	n := bytes.IndexByte(line[:min(len(line), maxPostmark+1)], '\n')
	m := mark{start: s.base + int64(start), line: s.line + 1}
	switch {
	case n >= 0:
		m.body, m.shaped = m.start+int64(n)+1, isPostmark(line[:n])
	case s.eof && len(line) <= maxPostmark:
		m.body, m.shaped = s.size, isPostmark(line)
	default:
		// A line of the length of a postmark's was not found. Only at the beginning of a file does it count all the same;
		// the message then begins with it, and mimesize takes the line for the prefix that it is.
		m.body, m.line = m.start, s.line
	}
	return m
}

// advance moves pos forward and counts the lines on the way.
func (s *splitter) advance(to int) {
	s.line += int64(bytes.Count(s.buf[s.pos:to], []byte{'\n'}))
	s.pos = to
}
