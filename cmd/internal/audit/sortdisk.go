package audit

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// record is a pointer to what is sorted on disk.
type record[T any] interface {
	*T
	compare(*T) int
	// join adds up two records of one key, and gives false if they have different ones or are not to be added up.
	join(*T) bool
	// append gives b with the record after it, read takes it back. It gives io.EOF at the end.
	append(b []byte) []byte
	read(*bufio.Reader) error
}

const (
	maxRuns = 32      // sorted runs of a level; so many make one of the next
	runRead = 8 << 10 // octets of a run that are read at a time
)

// runs sorts what does not fit into memory. Sorted runs lie in temporary files without names, one for each level; maxRuns of a level
// are merged to one of the next, so that neither memory nor the number of files depends on how many records there are, and each
// record is written a few times only. The zero value is empty.
type runs[T any, P record[T]] struct {
	levels []level
	buf    []byte
	w      *bufio.Writer
	err    error          // the first; nothing is written after it
	keep   func(x P) bool // if set, records that it does not want go when runs are merged
}

// level is a file of sorted runs.
type level struct {
	file *os.File
	ends []int64
}

func (l *level) end() int64 {
	if n := len(l.ends); n > 0 {
		return l.ends[n-1]
	}
	return 0
}

// add writes a run. What list yields is sorted.
func (s *runs[T, P]) add(list iter.Seq[P]) { s.put(0, list) }

func (s *runs[T, P]) put(n int, list iter.Seq[P]) {
	if s.err != nil {
		return
	}
	if s.err = s.write(n, list); s.err != nil {
		return
	}
	if len(s.levels[n].ends) < maxRuns {
		return
	}
	s.put(n+1, s.merged(s.streams(n)))
	l := &s.levels[n]
	l.ends = l.ends[:0]
	if err := l.file.Truncate(0); err != nil && s.err == nil {
		s.err = spilled(err)
	}
}

func (s *runs[T, P]) write(n int, list iter.Seq[P]) (err error) {
	if n == len(s.levels) {
		f, err := temporary()
		if err != nil {
			return err
		}
		s.levels = append(s.levels, level{file: f})
	}
	l := &s.levels[n]
	at := l.end()
	out := io.NewOffsetWriter(l.file, at)
	if s.w == nil {
		s.w = bufio.NewWriterSize(out, 32<<10)
	}
	s.w.Reset(out)
	for x := range list {
		s.buf = x.append(s.buf[:0])
		at += int64(len(s.buf))
		if _, err = s.w.Write(s.buf); err != nil {
			break
		}
	}
	if err == nil {
		err = s.w.Flush()
	}
	l.ends = append(l.ends, at)
	return spilled(err)
}

// all yields everything in order, records of one key joined. What is yielded is valid until the next. It can be used several times;
// afterwards err tells whether it was all.
func (s *runs[T, P]) all() iter.Seq[P] {
	var list []*stream[T]
	for n := range s.levels {
		list = append(list, s.streams(n)...)
	}
	return s.merged(list)
}

// streams opens the runs of a level.
func (s *runs[T, P]) streams(n int) []*stream[T] {
	l := &s.levels[n]
	list := make([]*stream[T], len(l.ends))
	from := int64(0)
	for i, to := range l.ends {
		list[i] = &stream[T]{r: bufio.NewReaderSize(io.NewSectionReader(l.file, from, to-from), runRead)}
		from = to
	}
	return list
}

// stream is a run that is being read.
type stream[T any] struct {
	r    *bufio.Reader
	head T
}

// merged merges runs.
func (s *runs[T, P]) merged(list []*stream[T]) iter.Seq[P] {
	return func(yield func(P) bool) {
		h := streamHeap[T, P]{}
		for _, x := range list {
			if s.next(x) {
				h = append(h, x)
			}
		}
		for i := len(h)/2 - 1; i >= 0; i-- {
			h.down(i)
		}
		var now T
		any := false
		for len(h) > 0 {
			x := h[0]
			if !any || !P(&now).join(&x.head) {
				if any && s.wants(&now) && !yield(&now) {
					return
				}
				// They change places, so that each has memory of its own.
				now, x.head = x.head, now
				any = true
			}
			if !s.next(x) {
				h[0] = h[len(h)-1]
				h = h[:len(h)-1]
			}
			h.down(0)
		}
		if any && s.err == nil && s.wants(&now) {
			yield(&now)
		}
	}
}

func (s *runs[T, P]) wants(x P) bool { return s.keep == nil || s.keep(x) }

func (s *runs[T, P]) next(x *stream[T]) bool {
	err := P(&x.head).read(x.r)
	if err != nil && err != io.EOF && s.err == nil {
		s.err = spilled(err)
	}
	return err == nil
}

func (s *runs[T, P]) close() {
	for i := range s.levels {
		s.levels[i].file.Close()
	}
	s.levels = nil
}

// streamHeap is a heap of runs by what comes next of them. (container/heap takes twice as long.)
type streamHeap[T any, P record[T]] []*stream[T]

// down moves the run at i to its place among those below it.
func (h streamHeap[T, P]) down(i int) {
	for {
		k := 2*i + 1
		if k >= len(h) {
			return
		}
		if k+1 < len(h) && P(&h[k+1].head).compare(&h[k].head) < 0 {
			k++
		}
		if P(&h[k].head).compare(&h[i].head) >= 0 {
			return
		}
		h[i], h[k] = h[k], h[i]
		i = k
	}
}

// peek gives the next n octets of a run, which are valid until it is read again, or io.EOF at its end.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	b, err := r.Peek(n)
	if err == io.EOF && len(b) > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	r.Discard(n)
	return b, nil
}

// temporary makes a file without a name in the directory for temporary files: nothing is left behind, however the program ends.
func temporary() (*os.File, error) {
	f, err := os.CreateTemp("", "postern-*")
	if err != nil {
		return nil, spilled(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, errors.New("the temporary file cannot be without a name")
	}
	return f, nil
}

// spilled names the place of what went wrong with a temporary file.
func spilled(err error) error {
	if err == nil {
		return nil
	}
	var at *os.PathError
	if errors.As(err, &at) {
		err = at.Err // the file has no name
	}
	return fmt.Errorf("keep what does not fit into memory in %s: %w", cmp.Or(os.TempDir(), "the directory for temporary files"), err)
}
