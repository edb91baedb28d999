package sendmail

import (
	"crypto/sha256"
	"io"
	"os"
)

// spool collects a message: in memory that can be sealed up to a threshold, in a file without a name above it.
type spool struct {
	threshold int64
	dir       string
	file      *os.File
	large     bool // file lies in dir
	octets    int64
}

func (s *spool) write(p []byte) error {
	if s.file == nil {
		f, err := newMemory()
		if err != nil {
			return err
		}
		s.file = f
	}
	if !s.large && s.octets+int64(len(p)) > s.threshold {
		if err := s.grow(); err != nil {
			return err
		}
	}
	n, err := s.file.Write(p)
	s.octets += int64(n)
	return err
}

// grow moves what there is into a file.
func (s *spool) grow() error {
	f, err := newUnnamed(s.dir)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, io.NewSectionReader(s.file, 0, s.octets)); err != nil {
		f.Close()
		return err
	}
	s.file.Close()
	s.file, s.large = f, true
	return nil
}

func (s *spool) discard() {
	if s.file != nil {
		s.file.Close()
	}
}

// seal ends the writing and hashes what is there now, which is what everybody will read from then on.
func (s *spool) seal(m *Message) error {
	if s.file == nil { // everything was a blind copy
		if err := s.write([]byte("\n")); err != nil {
			return err
		}
	}
	m.File = s.file
	if !s.large {
		var err error
		if m.Sealed, err = seal(s.file); err != nil {
			return err
		}
	}
	st, err := s.file.Stat()
	if err != nil {
		return err
	}
	m.Octets = st.Size()
	if m.Octets != s.octets {
		return io.ErrShortWrite
	}
	if m.Sealed && m.Octets <= maxOctets {
		m.octets = make([]byte, m.Octets)
		if _, err := s.file.ReadAt(m.octets, 0); err != nil {
			return err
		}
		m.SHA256 = sha256.Sum256(m.octets)
	} else {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(s.file, 0, m.Octets)); err != nil {
			return err
		}
		h.Sum(m.SHA256[:0])
	}
	_, err = s.file.Seek(0, io.SeekStart)
	return err
}

// Keep makes a Message of octets that were kept before, such as held mail, as they are.
func Keep(r io.Reader, octets int64) (*Message, error) {
	s := &spool{threshold: defaultThreshold}
	buf := make([]byte, 64<<10)
	m := &Message{}
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if err := s.write(buf[:n]); err != nil {
				s.discard()
				return nil, err
			}
		}
		if err == io.EOF {
			break
		}
		if err == nil && s.octets > octets {
			err = io.ErrShortWrite
		}
		if err != nil {
			s.discard()
			return nil, err
		}
	}
	if s.octets != octets {
		s.discard()
		return nil, io.ErrUnexpectedEOF
	}
	if err := s.seal(m); err != nil {
		s.discard()
		return nil, err
	}
	return m, nil
}
