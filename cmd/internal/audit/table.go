package audit

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strings"
)

const (
	maxKeys = 50_000 // keys of a table that a report lists
	// heldKeys and heldOctets bound what of a table is in memory.
	heldKeys   = 8 << 10
	heldOctets = 512 << 10
)

// Tally counts the messages of a key.
type Tally struct {
	Messages   int64 `json:"messages"`
	Pass       int64 `json:"pass"`
	Fail       int64 `json:"fail"`
	Unjudged   int64 `json:"unjudged"`
	Octets     int64 `json:"octets"`
	Recipients int64 `json:"recipients"`
}

func (t *Tally) add(o *Tally) {
	t.Messages += o.Messages
	t.Pass += o.Pass
	t.Fail += o.Fail
	t.Unjudged += o.Unjudged
	t.Octets += o.Octets
	t.Recipients += o.Recipients
}

// tallyOf is what a row adds to a tally.
func tallyOf(r *Row) Tally {
	t := Tally{Messages: 1, Octets: r.Octets, Recipients: r.Recipients}
	switch r.Outcome {
	case Pass:
		t.Pass = 1
	case Fail:
		t.Fail = 1
	default:
		t.Unjudged = 1
	}
	return t
}

// table counts by key, exactly, however many there are: those that memory has no room for lie sorted on disk, and what belongs
// together is added up when the table is read. The zero value is empty.
type table struct {
	cells []cell
	keys  []byte
	slots []uint32 // of the cell with a hash: its number from 1, or 0. A power of two of them
	order []uint32
	disk  runs[entry, *entry]
	max   int // 0 means heldKeys
	last  int // the cell that add found last

	others Tally // what list does not list
	left   int64 // keys of it
}

// cell is a key in memory.
type cell struct {
	hash    uint64
	key, to uint32 // of keys
	Tally
}

// entry is a key on disk.
type entry struct {
	hash uint64
	key  []byte
	Tally
}

func (x *entry) compare(y *entry) int {
	if x.hash != y.hash {
		return cmp.Compare(x.hash, y.hash)
	}
	return bytes.Compare(x.key, y.key)
}

func (x *entry) join(y *entry) bool {
	if x.hash != y.hash || !bytes.Equal(x.key, y.key) {
		return false
	}
	x.Tally.add(&y.Tally)
	return true
}

func (x *entry) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, x.hash)
	for _, n := range [...]int64{x.Messages, x.Pass, x.Fail, x.Unjudged, x.Octets, x.Recipients} {
		b = binary.AppendVarint(b, n)
	}
	b = binary.AppendUvarint(b, uint64(len(x.key)))
	return append(b, x.key...)
}

func (x *entry) read(r *bufio.Reader) (err error) {
	b, err := peek(r, 8)
	if err != nil {
		return err
	}
	x.hash = binary.LittleEndian.Uint64(b)
	for _, n := range [...]*int64{&x.Messages, &x.Pass, &x.Fail, &x.Unjudged, &x.Octets, &x.Recipients} {
		if *n, err = binary.ReadVarint(r); err != nil {
			return noEnd(err)
		}
	}
	n, err := binary.ReadUvarint(r)
	if err != nil || n > maxRow {
		return noEnd(cmp.Or(err, errRow))
	}
	x.key = slices.Grow(x.key[:0], int(n))[:n]
	_, err = io.ReadFull(r, x.key)
	return noEnd(err)
}

// noEnd is for errors in the middle of a record.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

var tableSeed = maphash.MakeSeed()

// add adds to a key. One that comes time and again, as that of a folder, is the one of last time mostly.
func (t *table) add(key string, d *Tally) {
	if t.last < len(t.cells) {
		if c := &t.cells[t.last]; string(t.keys[c.key:c.to]) == key {
			c.Tally.add(d)
			return
		}
	}
	t.last = t.addHashed(maphash.String(tableSeed, key), key, "", d)
}

// addHashed adds to the key that key and rest are together, and gives its cell. The table is read in the order of the hashes.
func (t *table) addHashed(hash uint64, key, rest string, d *Tally) int {
	if len(t.cells)*2 >= len(t.slots) {
		t.grow()
	}
	mask := uint32(len(t.slots) - 1)
	n := uint32(len(key) + len(rest))
	for i := uint32(hash>>32) & mask; ; i = (i + 1) & mask {
		k := t.slots[i]
		if k == 0 {
			break
		}
		c := &t.cells[k-1]
		if c.hash != hash || c.to-c.key != n {
			continue
		}
		if held := t.keys[c.key:c.to]; string(held[:len(key)]) == key && string(held[len(key):]) == rest {
			c.Tally.add(d)
			return int(k - 1)
		}
	}
	limit := t.max
	if limit == 0 {
		limit = heldKeys
	}
	if len(t.cells) >= limit || len(t.keys) > 0 && len(t.keys)+int(n) > heldOctets {
		t.spill()
	}
	from := uint32(len(t.keys))
	t.keys = append(append(t.keys, key...), rest...)
	t.cells = append(t.cells, cell{hash, from, from + n, *d})
	t.index(len(t.cells) - 1)
	return len(t.cells) - 1
}

// index gives a cell a slot.
func (t *table) index(k int) {
	mask := uint32(len(t.slots) - 1)
	i := uint32(t.cells[k].hash>>32) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = uint32(k + 1)
}

// grow makes room for twice as many keys in memory.
func (t *table) grow() {
	t.slots = make([]uint32, max(2*len(t.slots), 16))
	for k := range t.cells {
		t.index(k)
	}
}

// spill writes to disk what is in memory.
func (t *table) spill() {
	t.disk.add(t.held())
	t.cells, t.keys = t.cells[:0], t.keys[:0]
	clear(t.slots)
}

// held yields what is in memory, in order.
func (t *table) held() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		t.order = t.order[:0]
		for i := range t.cells {
			t.order = append(t.order, uint32(i))
		}
		slices.SortFunc(t.order, func(i, j uint32) int {
			a, b := &t.cells[i], &t.cells[j]
			if a.hash != b.hash {
				return cmp.Compare(a.hash, b.hash)
			}
			return bytes.Compare(t.keys[a.key:a.to], t.keys[b.key:b.to])
		})
		var x entry
		for _, i := range t.order {
			c := &t.cells[i]
			x = entry{c.hash, t.keys[c.key:c.to], c.Tally}
			if !yield(&x) {
				return
			}
		}
	}
}

// all yields the keys in the order of their hashes. What is yielded is valid until the next. Afterwards disk.err tells whether it was all.
func (t *table) all() iter.Seq[*entry] {
	if len(t.disk.levels) == 0 {
		return t.held()
	}
	if len(t.cells) > 0 {
		t.spill()
	}
	return t.disk.all()
}

func (t *table) close() {
	t.disk.close()
	t.cells, t.keys, t.slots, t.order = nil, nil, nil, nil
}

// Entry is a line of a table.
type Entry[K cmp.Ordered] struct {
	Key K `json:"key"`
	Tally
}

func byMessages(a, b Entry[string]) int {
	return cmp.Or(cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Key, b.Key))
}

// list gives the n keys with the most messages, by messages and then by key; the rest is added up in others. The table is empty then.
func (t *table) list(n int) ([]Entry[string], error) {
	defer t.close()
	list := []Entry[string]{}
	rest := func(d *Tally) {
		t.others.add(d)
		t.left++
	}
	var last Entry[string] // the last of n, if full
	full := false
	cut := func() {
		slices.SortFunc(list, byMessages)
		for i := n; i < len(list); i++ {
			rest(&list[i].Tally)
		}
		clear(list[min(n, len(list)):])
		list = list[:min(n, len(list))]
	}
	for x := range t.all() {
		if full && (x.Messages < last.Messages || x.Messages == last.Messages && string(x.key) > last.Key) {
			rest(&x.Tally)
			continue
		}
		if len(list) == n+n/4+1 {
			cut()
			last, full = list[n-1], true
		}
		list = append(list, Entry[string]{string(x.key), x.Tally})
	}
	cut()
	return list, t.disk.err
}

// dayKey is the key of a number of days: in the order of its octets.
func dayKey(d int64) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(d)^1<<63)
	return string(b)
}

func dayOf(key string) int64 { return int64(binary.BigEndian.Uint64([]byte(key)) ^ 1<<63) }

// byKey gives a list in the order of its keys.
func byKey(list []Entry[string]) {
	slices.SortFunc(list, func(a, b Entry[string]) int { return strings.Compare(a.Key, b.Key) })
}
