package audit

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
)

// sending is the moment at which a sender handed over a message. Its place in the walk makes the order of equal ones certain.
type sending struct {
	sender     uint64 // hash of the address
	unix       int64
	ordinal    uint64
	recipients uint32
}

func (x *sending) compare(y *sending) int {
	switch {
	case x.sender != y.sender:
		return cmp.Compare(x.sender, y.sender)
	case x.unix != y.unix:
		return cmp.Compare(x.unix, y.unix)
	}
	return cmp.Compare(x.ordinal, y.ordinal)
}

func (*sending) join(*sending) bool { return false }

func (x *sending) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, x.sender)
	b = binary.LittleEndian.AppendUint64(b, uint64(x.unix))
	b = binary.LittleEndian.AppendUint64(b, x.ordinal)
	return binary.LittleEndian.AppendUint32(b, x.recipients)
}

func (x *sending) read(r *bufio.Reader) error {
	b, err := peek(r, 28)
	if err != nil {
		return err
	}
	*x = sending{
		sender: binary.LittleEndian.Uint64(b), unix: int64(binary.LittleEndian.Uint64(b[8:])), ordinal: binary.LittleEndian.Uint64(b[16:]),
		recipients: binary.LittleEndian.Uint32(b[24:]),
	}
	return nil
}

// sort brings the senders near their places first: their hashes are spread evenly, so that few records are left to compare.
func (*sending) sort(list []sending) {
	const bits = 10
	var next, end [1 << bits]int
	place := func(x *sending) uint64 { return x.sender >> (64 - bits) }
	for i := range list {
		end[place(&list[i])]++
	}
	n := 0
	for i := range end {
		next[i] = n
		n += end[i]
		end[i] = n
	}
	from := 0
	for i := range end {
		for next[i] < end[i] {
			x := &list[next[i]]
			to := place(x)
			if to != uint64(i) {
				*x, list[next[to]] = list[next[to]], *x
			}
			next[to]++
		}
		slices.SortFunc(list[from:end[i]], func(a, b sending) int { return a.compare(&b) })
		from = end[i]
	}
}

// sortable is a record of which many are in memory at a time. It sorts them itself: through an interface each comparison would
// allocate.
type sortable[T any] interface {
	record[T]
	sort([]T)
}

// sorter sorts small records. Many go to disk. The zero value is empty.
type sorter[T any, P sortable[T]] struct {
	buf  []T
	disk runs[T, P]
	max  int // records that are sorted in memory at a time; 0 means sorterRun
}

const sorterRun = 16 << 10

func (s *sorter[T, P]) add(x T) {
	s.buf = append(s.buf, x)
	limit := s.max
	if limit == 0 {
		limit = sorterRun
	}
	if len(s.buf) >= limit {
		s.spill()
	}
}

func (s *sorter[T, P]) spill() {
	s.disk.add(s.sorted())
	s.buf = s.buf[:0]
}

// sorted yields what is in memory.
func (s *sorter[T, P]) sorted() iter.Seq[P] {
	P(nil).sort(s.buf)
	return func(yield func(P) bool) {
		for i := range s.buf {
			if i+1 < len(s.buf) && P(&s.buf[i+1]).join(&s.buf[i]) {
				continue
			}
			if !yield(&s.buf[i]) {
				return
			}
		}
	}
}

// all gives what was added, in order. Afterwards disk.err tells whether it was all.
func (s *sorter[T, P]) all() iter.Seq[P] {
	if len(s.disk.levels) == 0 {
		return s.sorted()
	}
	if len(s.buf) > 0 {
		s.spill()
	}
	return s.disk.all()
}

func (s *sorter[T, P]) close() {
	s.disk.close()
	s.buf = nil
}
