package audit

import (
	"io"
	"os"
)

// shelf keeps the rows of messages that a report shows outside memory, until it is made.
type shelf struct {
	file *os.File
	rows []shelved
	end  int64
	buf  []byte
	err  error
}

type shelved struct {
	ordinal uint64
	octets  int64 // where it ends
}

func (s *shelf) add(r *Row) {
	if s.err != nil {
		return
	}
	if s.file == nil {
		if s.file, s.err = temporary(); s.err != nil {
			return
		}
	}
	s.buf = r.append(s.buf[:0])
	if _, err := s.file.WriteAt(s.buf, s.end); err != nil {
		s.err = spilled(err)
	}
	s.end += int64(len(s.buf))
	s.rows = append(s.rows, shelved{r.Ordinal, s.end})
}

// all yields the rows in the order in which they came. A row is valid until the next, its texts for ever.
func (s *shelf) all(yield func(*Row)) error {
	if s.err != nil || s.file == nil {
		return s.err
	}
	var row Row
	from := int64(0)
	for _, x := range s.rows {
		b := make([]byte, x.octets-from)
		if _, err := s.file.ReadAt(b, from); err != nil && err != io.EOF {
			return spilled(err)
		}
		if err := row.decode(b); err != nil {
			return err
		}
		row.Ordinal = x.ordinal
		yield(&row)
		from = x.octets
	}
	return nil
}

func (s *shelf) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
	s.rows = nil
}
