package audit

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"slices"
)

// sending is the moment at which a sender handed over a message. Its place in the walk makes the order of equal ones certain.
type sending struct {
	sender     uint64 // hash of the address
	unix       int64
	ordinal    uint64
	recipients uint32
}

func (a sending) compare(b sending) int {
	return cmp.Or(cmp.Compare(a.sender, b.sender), cmp.Compare(a.unix, b.unix), cmp.Compare(a.ordinal, b.ordinal))
}

const (
	sendingOctets = 28
	sendingRun    = 128 << 10 // sendings that are sorted in memory at a time
)

// sorter sorts sendings by sender and time. Many are sorted in runs, which lie in a temporary file without a name.
type sorter struct {
	buf  []sending
	file *os.File
	runs []int64 // where each run ends
	err  error
	max  int // 0 means sendingRun
}

func (s *sorter) add(x sending) {
	s.buf = append(s.buf, x)
	limit := s.max
	if limit == 0 {
		limit = sendingRun
	}
	if len(s.buf) >= limit {
		s.spill()
	}
}

// spill writes a run.
func (s *sorter) spill() {
	if s.err != nil {
		s.buf = s.buf[:0]
		return
	}
	if s.file == nil {
		if s.file, s.err = temporary(); s.err != nil {
			return
		}
	}
	slices.SortFunc(s.buf, sending.compare)
	w := bufio.NewWriterSize(s.file, 64<<10)
	var b [sendingOctets]byte
	for _, x := range s.buf {
		binary.LittleEndian.PutUint64(b[0:], x.sender)
		binary.LittleEndian.PutUint64(b[8:], uint64(x.unix))
		binary.LittleEndian.PutUint64(b[16:], x.ordinal)
		binary.LittleEndian.PutUint32(b[24:], x.recipients)
		w.Write(b[:])
	}
	if s.err = w.Flush(); s.err != nil {
		return
	}
	last := int64(0)
	if len(s.runs) > 0 {
		last = s.runs[len(s.runs)-1]
	}
	s.runs = append(s.runs, last+int64(len(s.buf))*sendingOctets)
	s.buf = s.buf[:0]
}

// all gives what was added, in order. It can be used once; close comes after it.
func (s *sorter) all() iter.Seq[sending] {
	return func(yield func(sending) bool) {
		if s.file == nil {
			slices.SortFunc(s.buf, sending.compare)
			for _, x := range s.buf {
				if !yield(x) {
					return
				}
			}
			return
		}
		s.spill()
		h := &runHeap{}
		from := int64(0)
		for _, to := range s.runs {
			r := &run{r: bufio.NewReaderSize(io.NewSectionReader(s.file, from, to-from), 16<<10)}
			if s.next(r) {
				*h = append(*h, r)
			}
			from = to
		}
		heap.Init(h)
		for h.Len() > 0 && s.err == nil {
			r := (*h)[0]
			if !yield(r.head) {
				return
			}
			if s.next(r) {
				heap.Fix(h, 0)
			} else {
				heap.Pop(h)
			}
		}
	}
}

func (s *sorter) next(r *run) bool {
	var b [sendingOctets]byte
	if _, err := io.ReadFull(r.r, b[:]); err != nil {
		if err != io.EOF && s.err == nil {
			s.err = err
		}
		return false
	}
	r.head = sending{
		sender: binary.LittleEndian.Uint64(b[0:]), unix: int64(binary.LittleEndian.Uint64(b[8:])),
		ordinal: binary.LittleEndian.Uint64(b[16:]), recipients: binary.LittleEndian.Uint32(b[24:]),
	}
	return true
}

func (s *sorter) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
}

// run is a sorted run that is being read.
type run struct {
	r    *bufio.Reader
	head sending
}

type runHeap []*run

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return h[i].head.compare(h[j].head) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*run)) }
func (h *runHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// temporary makes a file without a name in the directory for temporary files: nothing is left behind, however the program ends.
func temporary() (*os.File, error) {
	f, err := os.CreateTemp("", "postern-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, errors.New("the temporary file cannot be without a name")
	}
	return f, nil
}
