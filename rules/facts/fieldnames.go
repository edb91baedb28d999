package facts

import "postern/mimesize"

// fieldsByName sorts the header fields of one message after the other by name.
type fieldsByName struct {
	message uint64           // number of the message
	fields  []mimesize.Field // of the message
	byID    []fieldName      // the names that have an id
	others  textSet          // those that have none, and
	rest    []fieldName      // their fields

	// A number stands for a name: its id, or from knownFields on its place in others.
	different []int32          // the names of the message, in the order of their first field
	each      []int32          // the name of each field
	sorted    []mimesize.Field // by name, those of one name in their order; only of names that have several
}

// fieldName is what is known of a name in the message of that number. Its fields are sorted[from : from+n], or fields[from] if it is
// the only one.
type fieldName struct {
	message uint64
	from, n int
	written string // of one with an id: as it was first met
}

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
// written. Names without an id are made of texts.
func (t *fieldsByName) sort(fields []mimesize.Field, block []byte, off int64, name func(mimesize.Field) []byte, texts *arena) {
	if t.byID == nil {
		t.byID = make([]fieldName, knownFields)
	}
	t.message++
	t.fields, t.different, t.each, t.rest = fields, t.different[:0], t.each[:0], t.rest[:0]
	for i := range fields {
		f := &fields[i]
		var written []byte
		if from := f.Offset - off; from >= 0 && f.Name <= maxNameOctets && from+int64(f.Name) <= int64(len(block)) {
			written = block[from : from+int64(f.Name)]
		} else {
			written = name(*f)
		}
		at := t.name(written, texts)
		n := t.at(at)
		if n.message != t.message {
			n.message, n.from, n.n = t.message, i, 1
			t.different = append(t.different, at)
		} else {
			n.n++
		}
		t.each = append(t.each, at)
	}
	if len(t.different) < len(fields) {
		t.gather()
	}
}

// gather puts the fields of names that have several one behind the other.
func (t *fieldsByName) gather() {
	several := 0
	for _, at := range t.different {
		if n := t.at(at); n.n > 1 {
			n.from = several
			several += n.n
		}
	}
	if cap(t.sorted) < several {
		t.sorted = make([]mimesize.Field, several)
	}
	t.sorted = t.sorted[:several]
	for i, at := range t.each {
		if n := t.at(at); n.n > 1 {
			t.sorted[n.from] = t.fields[i]
			n.from++
		}
	}
	for _, at := range t.different {
		if n := t.at(at); n.n > 1 {
			n.from -= n.n
		}
	}
}

// end lets go of the message.
func (t *fieldsByName) end() {
	t.fields = nil
	t.others.reset()
	t.different, t.each, t.rest, t.sorted = keep(t.different), keep(t.each), keep(t.rest), keep(t.sorted)
}

func (t *fieldsByName) at(number int32) *fieldName {
	if number < knownFields {
		return &t.byID[number]
	}
	return &t.rest[number-knownFields]
}

// text gives a name in lower case.
func (t *fieldsByName) text(number int32) string {
	if number < knownFields {
		return fieldNames[number]
	}
	return t.others.list[number-knownFields].text
}

// name gives the number of a name.
func (t *fieldsByName) name(written []byte, texts *arena) int32 {
	if id := idOf(written); id < noField {
		n := &t.byID[id]
		if n.written == string(written) {
			return int32(id)
		}
		if equalFold(written, fieldNames[id]) {
			if n.written == "" {
				n.written = string(written)
			}
			return int32(id)
		}
	}
	texts.room(len(written))
	from := len(texts.octets)
	texts.octets = append(texts.octets, written...)
	lower(texts.octets[from:])
	name := texts.since(from)
	if i := t.others.find(name); i >= 0 {
		texts.octets = texts.octets[:from]
		return knownFields + int32(i)
	}
	t.others.add(name, 0)
	t.rest = append(t.rest, fieldName{})
	return knownFields + int32(len(t.rest)) - 1
}

// number gives the number of a name in lower case, if it has one.
func (t *fieldsByName) number(name string) (number int32, ok bool) {
	if id := idOf(octetsOf(name)); id < noField && fieldNames[id] == name {
		return int32(id), true
	}
	i := t.others.find(name)
	return knownFields + int32(i), i >= 0
}

// all gives the fields of a name.
func (t *fieldsByName) all(name string) []mimesize.Field {
	if number, ok := t.number(name); ok && t.byID != nil {
		return t.of(t.at(number))
	}
	return nil
}

// byField gives the fields of the name that an id stands for.
func (t *fieldsByName) byField(id fieldID) []mimesize.Field {
	if len(t.byID) == 0 {
		return nil
	}
	return t.of(&t.byID[id])
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
