package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how many octets a spool keeps in memory.
const spoolMemory = 1 << 20

// spool keeps what comes after the counts of a report, which stand first and are known last. What is longer than
// spoolMemory goes into a temporary file that has no name.
type spool struct {
	buf  bytes.Buffer
	file *os.File
	n    int64
}

// Len is the number of octets that were written.
func (s *spool) Len() int64 { return s.n }

func (s *spool) Write(p []byte) (int, error) {
	s.n += int64(len(p))
	if s.buf.Len()+len(p) <= spoolMemory {
		return s.buf.Write(p)
	}
	if err := s.flush(); err != nil {
		return 0, err
	}
	if len(p) <= spoolMemory {
		return s.buf.Write(p)
	}
	return s.file.Write(p)
}

// flush moves what is in memory to the file.
func (s *spool) flush() error {
	if s.file == nil {
		f, err := os.CreateTemp("", "postern-*")
		if err != nil {
			return fmt.Errorf("keep a long report: %w", err)
		}
		s.file = f
		// Without a name nothing is left behind, however the program ends. Where an open file cannot be removed, WriteTo does it.
		os.Remove(f.Name())
	}
	_, err := s.buf.WriteTo(s.file)
	return err
}

// WriteTo writes everything to w and gives up the file.
func (s *spool) WriteTo(w io.Writer) (int64, error) {
	if s.file == nil {
		return s.buf.WriteTo(w)
	}
	defer func() {
		s.file.Close()
		os.Remove(s.file.Name())
		s.file = nil
	}()
	if err := s.flush(); err != nil {
		return 0, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.Copy(w, s.file)
	if err == nil && n != s.n {
		err = errors.New("the temporary file of the report was cut")
	}
	return n, err
}
