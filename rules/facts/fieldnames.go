package facts

import (
	"slices"

	"postern/mimesize"
)

// fieldsByName sorts the header fields of one message after the other by name. It remembers the names of the messages before.
type fieldsByName struct {
	message uint64           // number of the message
	fields  []mimesize.Field // of the message
	present fieldSet
	names   []fieldName      // those that have an id by it, behind them those that have none, of this message and of some before
	byName  map[string]int32 // where in names those are that have no id
	octets  int              // in all of byName
	recent  [1 << recentNameBits]writtenName

	// A number stands for a name: its place in names.
	different []int32          // the names of the message, in the order of their first field
	each      []int32          // the name of each field
	sorted    []mimesize.Field // by name, those of one name in their order; only of names that have several
}

// fieldSet is a set of names that have an id.
type fieldSet [(knownFields + 63) / 64]uint64

func (s *fieldSet) add(id fieldID) { s[id>>6] |= 1 << (id & 63) }

// fieldName is a name, in lower case, and what is known of it in the message of that number. Its fields are sorted[from : from+n], or
// fields[from] if it is the only one.
type fieldName struct {
	text    string
	message uint64
	from, n int
}

// writtenName is a name as it is written, and its number.
type writtenName struct {
	first, last uint64 // its first eight octets and its last; of one that is shorter what there is
	length      int    // 0 where there is no name
	number      int32
	text        []byte // of one that is longer than both
}

const (
	// recentNameBits is such that the names of a message have seldom one place in fieldsByName.recent.
	recentNameBits = 9
	// maxRestNames and maxRestOctets bound the names without an id that are remembered from message to message.
	maxRestNames  = 1000
	maxRestOctets = 64 << 10
)

// nameTable has for nameHash of each name that has an id the id, and is above all ids elsewhere.
var nameTable = func() (t [512]fieldID) {
	for i := range t {
		t[i] = noField
	}
	for id, name := range fieldNames {
		t[nameHash(octetsOf(name))] = fieldID(id)
	}
	return t
}()

// nameHash differs for all names that have an id. The multiplier was searched for.
func nameHash(name []byte) uint32 {
	n := len(name)
	h := uint32(n) | (uint32(name[0])|uint32(name[n-1])<<8|uint32(name[n/2])<<16|0x202020)<<8
	return h * 0x22bc321 >> 23
}

// idOf gives the id that a name may have, noField if it has none.
func idOf(written []byte) fieldID {
	if n := len(written); n == 0 || n > 32 {
		return noField
	}
	return nameTable[nameHash(written)]
}

// sort takes the fields of the next message. Their names are in the block that begins at off; name gives one that is not, as it is
// written. The names, and the lines that the first field of each begins on, are added to lines.
func (t *fieldsByName) sort(fields []mimesize.Field, block []byte, off int64, name func(mimesize.Field) []byte, lines []FieldLine) []FieldLine {
	if len(t.names) > int(knownFields)+maxRestNames || t.octets > maxRestOctets {
		t.names, t.byName, t.octets = nil, nil, 0
		clear(t.recent[:])
	}
	if t.names == nil {
		t.names = make([]fieldName, knownFields, 2*knownFields)
		for id, name := range fieldNames {
			t.names[id].text = name
		}
	}
	t.message++
	t.fields, t.present = fields, fieldSet{}
	t.different, t.each = slices.Grow(t.different[:0], len(fields)), slices.Grow(t.each[:0], len(fields))[:len(fields)]
	lines = slices.Grow(lines, len(fields))
	for i := range fields {
		f := &fields[i]
		var at int32
		if from := f.Offset - off; from >= 0 && f.Name <= maxNameOctets && from+int64(f.Name) <= int64(len(block)) {
			at = t.name(block[from:], f.Name)
		} else {
			written := name(*f)
			at = t.name(written, len(written))
		}
		t.each[i] = at
		n := &t.names[at]
		if n.message == t.message {
			n.n++
			continue
		}
		n.message, n.from, n.n = t.message, i, 1
		t.different = append(t.different, at)
		if at < knownFields {
			t.present.add(fieldID(at))
		}
		lines = append(lines, FieldLine{Name: n.text, Line: f.Line})
	}
	if len(t.different) < len(fields) {
		t.gather()
	}
	return lines
}

// gather puts the fields of names that have several one behind the other.
func (t *fieldsByName) gather() {
	several := 0
	for _, at := range t.different {
		if n := &t.names[at]; n.n > 1 {
			n.from = several
			several += n.n
		}
	}
	if cap(t.sorted) < several {
		t.sorted = make([]mimesize.Field, several)
	}
	t.sorted = t.sorted[:several]
	for i, at := range t.each {
		if n := &t.names[at]; n.n > 1 {
			t.sorted[n.from] = t.fields[i]
			n.from++
		}
	}
	for _, at := range t.different {
		if n := &t.names[at]; n.n > 1 {
			n.from -= n.n
		}
	}
}

// end lets go of the message.
func (t *fieldsByName) end() {
	t.fields = nil
	t.different, t.each, t.sorted = keep(t.different), keep(t.each), keep(t.sorted)
}

// name gives the number of the name that is the first n octets of b.
func (t *fieldsByName) name(b []byte, n int) int32 {
	mask := ^uint64(0) >> (64 - 8*min(n, 8))
	w := writtenName{length: n, first: load(b, 0) & mask, last: load(b, max(n-8, 0)) & mask}
	r := &t.recent[(w.first^w.last<<1+uint64(n))*0x9e3779b97f4a7c15>>(64-recentNameBits)]
	if r.first == w.first && r.last == w.last && r.length == n && n > 0 && (n <= 16 || string(r.text) == string(b[:n])) {
		return r.number
	}
	w.number = t.slowName(b[:n])
	if n <= maxRecentName {
		w.text = append(r.text[:0], b[:n]...)
		*r = w
	}
	return w.number
}

// maxRecentName bounds the octets of a name as it is written that is remembered.
const maxRecentName = 64

// slowName is name of one that was not written so lately.
func (t *fieldsByName) slowName(written []byte) int32 {
	if id := idOf(written); id < noField && equalFold(written, fieldNames[id]) {
		return int32(id)
	}
	var buf [maxRecentName]byte
	text := append(buf[:0], written...)
	lower(text)
	if i, ok := t.byName[string(text)]; ok {
		return i
	}
	if t.byName == nil {
		t.byName = map[string]int32{}
	}
	i := int32(len(t.names))
	t.names = append(t.names, fieldName{text: string(text)})
	t.byName[t.names[i].text] = i
	t.octets += len(text)
	return i
}

// has tells whether there is a field of the name that an id stands for.
func (t *fieldsByName) has(id fieldID) bool { return t.present[id>>6]>>(id&63)&1 != 0 }

// hasAny tells whether there is a field of one of the names.
func (t *fieldsByName) hasAny(ids *fieldSet) bool {
	for i := range ids {
		if ids[i]&t.present[i] != 0 {
			return true
		}
	}
	return false
}

// byField gives the fields of the name that an id stands for.
func (t *fieldsByName) byField(id fieldID) []mimesize.Field {
	if !t.has(id) {
		return nil
	}
	return t.of(&t.names[id])
}

func (t *fieldsByName) of(n *fieldName) []mimesize.Field {
	switch {
	case n.message != t.message:
		return nil
	case n.n == 1:
		return t.fields[n.from : n.from+1 : n.from+1]
	}
	return t.sorted[n.from : n.from+n.n : n.from+n.n]
}
