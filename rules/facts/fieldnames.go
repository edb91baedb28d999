package facts

import "postern/mimesize"

// maxKnownNames bounds the octets of the names of header fields that are kept from message to message.
const maxKnownNames = 64 << 10

// fieldsByName sorts the header fields of one message after the other by name. It keeps the names, which are nearly the same in all
// messages, so that an ordinary header costs no memory.
type fieldsByName struct {
	byID      []fieldName // of names that have an id
	known     map[string]*fieldName
	octets    int              // of the names in known
	message   uint64           // number of the message
	fields    []mimesize.Field // of the message
	different []*fieldName     // the names in it, in the order of their first field
	each      []*fieldName     // the name of each field, where one has several
	sorted    []mimesize.Field // by name, those of one name in their order; only names that have several
}

// fieldName is a name in lower case. The rest is of the message with that number.
type fieldName struct {
	name    string
	written string     // as it was first met
	next    *fieldName // what followed it last time: fields stand in much the same order in all messages
	message uint64
	from, n int // its fields are sorted[from : from+n], or fields[from] if it is the only one
}

// sort takes the fields of the next message. name gives the name of one as it is written.
func (t *fieldsByName) sort(fields []mimesize.Field, name func(mimesize.Field) []byte) {
	if t.known == nil || t.octets > maxKnownNames {
		t.forget()
	}
	t.message++
	t.fields, t.different, t.each = fields, t.different[:0], t.each[:0]
	prev := &t.byID[0]
	for i, f := range fields {
		n := t.name(prev, name(f))
		if prev = n; n.message != t.message {
			n.message, n.from, n.n = t.message, i, 1
			t.different = append(t.different, n)
		} else {
			n.n++
		}
		t.each = append(t.each, n)
	}
	if len(t.different) < len(fields) {
		t.gather()
	}
}

// gather puts the fields of names that have several one behind the other.
func (t *fieldsByName) gather() {
	several := 0
	for _, n := range t.different {
		if n.n > 1 {
			n.from = several
			several += n.n
		}
	}
	if cap(t.sorted) < several {
		t.sorted = make([]mimesize.Field, several)
	}
	t.sorted = t.sorted[:several]
	for i, n := range t.each {
		if n.n > 1 {
			t.sorted[n.from] = t.fields[i]
			n.from++
		}
	}
	for _, n := range t.different {
		if n.n > 1 {
			n.from -= n.n
		}
	}
}

// forget begins anew, with the names that have an id.
func (t *fieldsByName) forget() {
	t.known, t.octets = make(map[string]*fieldName, 2*knownFields), 0
	t.byID = make([]fieldName, knownFields)
	for id, name := range fieldNames {
		t.byID[id] = fieldName{name: name}
		t.known[name] = &t.byID[id]
	}
}

// name gives what is kept of a name that follows another.
func (t *fieldsByName) name(prev *fieldName, written []byte) *fieldName {
	if n := prev.next; n != nil && n.written == string(written) {
		return n
	}
	var buf [64]byte
	lower := append(buf[:0], written...)
	for i, c := range lower {
		if 'A' <= c && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	n := t.known[string(lower)]
	if n == nil {
		n = &fieldName{name: string(lower)}
		t.known[n.name] = n
		t.octets += 2 * len(n.name)
	}
	if n.written == "" {
		n.written = string(written)
	}
	prev.next = n
	return n
}

// all gives the fields of a name.
func (t *fieldsByName) all(name string) []mimesize.Field {
	if n := t.known[name]; n != nil {
		return t.of(n)
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
	case n.message != t.message || t.message == 0:
		return nil
	case n.n == 1:
		return t.fields[n.from : n.from+1 : n.from+1]
	}
	return t.sorted[n.from : n.from+n.n : n.from+n.n]
}
