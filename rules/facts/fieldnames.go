package facts

import "postern/mimesize"

// maxKnownNames bounds the octets of the names of header fields that are kept from message to message.
const maxKnownNames = 64 << 10

// fieldsByName sorts the header fields of one message after the other by name. It keeps the names, which are nearly the same in all
// messages, so that an ordinary header costs no memory.
type fieldsByName struct {
	known     map[string]*fieldName
	octets    int              // of the names in known
	message   uint64           // number of the message
	different []*fieldName     // the names in it, in the order of their first field
	each      []*fieldName     // the name of each field
	sorted    []mimesize.Field // by name, those of one name in their order
}

// fieldName is a name in lower case. The rest is of the message with that number.
type fieldName struct {
	name    string
	message uint64
	from, n int // its fields are sorted[from : from+n]
}

// sort takes the fields of the next message. name gives the name of one as it is written.
func (t *fieldsByName) sort(fields []mimesize.Field, name func(mimesize.Field) []byte) {
	if t.known == nil || t.octets > maxKnownNames {
		t.known, t.octets = map[string]*fieldName{}, 0
	}
	t.message++
	t.different, t.each = t.different[:0], t.each[:0]
	for _, f := range fields {
		n := t.name(name(f))
		if n.message != t.message {
			n.message, n.n = t.message, 0
			t.different = append(t.different, n)
		}
		n.n++
		t.each = append(t.each, n)
	}
	at := 0
	for _, n := range t.different {
		n.from = at
		at += n.n
		n.n = 0
	}
	if cap(t.sorted) < len(fields) {
		t.sorted = make([]mimesize.Field, len(fields))
	}
	t.sorted = t.sorted[:len(fields)]
	for i, n := range t.each {
		t.sorted[n.from+n.n] = fields[i]
		n.n++
	}
}

// name gives what is kept of a name.
func (t *fieldsByName) name(written []byte) *fieldName {
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
		t.octets += len(n.name)
	}
	return n
}

// all gives the fields of a name.
func (t *fieldsByName) all(name string) []mimesize.Field {
	if n := t.known[name]; n != nil && n.message == t.message {
		return t.sorted[n.from : n.from+n.n : n.from+n.n]
	}
	return nil
}
