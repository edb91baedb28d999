package facts

import (
	"bytes"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"postern/mimesize"
)

const (
	// maxBlock bounds the octets of one header block that are kept, maxField those of one field that are read at once.
	// mimesize reports what is longer as limit.header_bytes and limit.field_bytes.
	maxBlock = 1 << 20
	maxField = 1 << 20
	// maxSame bounds the problems of one id; what comes after them is counted in the last.
	maxSame = 50
	// maxDetail bounds the octets of Problem.Detail.
	maxDetail = 200
)

// maker carries one Make from step to step.
type maker struct {
	r              io.ReaderAt
	size           int64
	res            *mimesize.Result
	env            *Envelope
	now            time.Time
	noText, noLook bool    // what need not be read
	sees           Options // its functions
	f              *Facts

	top, other block // header blocks that were read: the message's own, and that of one other part
	places     map[place]int
	same       map[string]sameID
	domains    map[string]*domain
	head       map[string][]mimesize.Field // fields of the message's own header by lower-case name
	lists      int64                       // octets of address fields that were read
	piece      []byte
}

// place is what makes two problems one.
type place struct {
	id   string
	part int
}

// sameID counts the problems of one id and knows the last of them.
type sameID struct{ n, last int }

// block is the header block of a part.
type block struct {
	part int
	ok   bool
	off  int64
	text []byte
}

// block gives the header block of a part, at most maxBlock octets of it. It is valid until the next call for another part.
func (m *maker) block(part int) *block {
	b := &m.other
	if part == 0 {
		b = &m.top
	}
	if b.ok && b.part == part {
		return b
	}
	h := m.res.Parts[part].Header
	b.part, b.ok, b.off = part, true, h.Offset
	b.text = m.readAt(b.text[:0], h.Offset, min(h.Length, maxBlock))
	return b
}

// readAt appends n octets of the message at off to buf, or as many as there are.
func (m *maker) readAt(buf []byte, off, n int64) []byte {
	n = min(n, m.size-off)
	if n <= 0 {
		return buf
	}
	at := len(buf)
	if need := at + int(n); need <= cap(buf) {
		buf = buf[:need]
	} else {
		buf = append(buf, make([]byte, n)...)
	}
	got, _ := m.r.ReadAt(buf[at:], off)
	return buf[:at+max(got, 0)]
}

// octets gives at most n octets of a header field, beginning at octet from of it. They are valid until the next call.
func (m *maker) octets(f mimesize.Field, from, n int64) []byte {
	n = min(n, f.Length-from)
	if n <= 0 {
		return nil
	}
	b := m.block(f.Part)
	if i := f.Offset + from - b.off; i >= 0 && i+n <= int64(len(b.text)) {
		return b.text[i : i+n]
	}
	return m.readAt(nil, f.Offset+from, n)
}

// name gives a field's name as it is written.
func (m *maker) name(f mimesize.Field) []byte { return m.octets(f, 0, min(int64(f.Name), 998)) }

// raw gives a field's value as it is written: folded, with its line ends, at most maxField octets of it. It is valid until
// the next call.
func (m *maker) raw(f mimesize.Field) []byte {
	b := m.octets(f, 0, maxField)
	if i := bytes.IndexByte(b, ':'); i >= 0 {
		return b[i+1:]
	}
	return nil
}

// value gives a field's value unfolded (RFC 5322 section 2.2.3) and without blanks around it, at most maxField octets. It
// is the raw text of the message, which need not be UTF-8; see clean and decodeWords.
func (m *maker) value(f mimesize.Field) string { return unfold(m.raw(f)) }

// unfold takes line ends out of a field's value and trims it.
func unfold(b []byte) string {
	b = bytes.Trim(b, " \t\r\n")
	if bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') < 0 {
		return string(b)
	}
	var s strings.Builder
	s.Grow(len(b))
	for i, c := range b {
		switch {
		case c == '\n', c == '\r' && i+1 < len(b) && b[i+1] == '\n':
		case c == '\r':
			s.WriteByte(' ') // a bare CR separates for some readers
		default:
			s.WriteByte(c)
		}
	}
	return s.String()
}

// fields gives all occurrences of a field in the header of a part. Names are compared without regard to case.
func (m *maker) fields(part int, name string) []mimesize.Field {
	var all []mimesize.Field
	for _, f := range m.res.HeaderFields(part) {
		if f.Name == len(name) && strings.EqualFold(string(m.name(f)), name) {
			all = append(all, f)
		}
	}
	return all
}

// clean makes text of the message UTF-8: what is not is read as ISO 8859-1, so that no two texts become one.
func clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	b := make([]byte, 0, 2*len(s))
	for i := 0; i < len(s); i++ {
		b = utf8.AppendRune(b, rune(s[i]))
	}
	return string(b)
}

// cut shortens s to at most n octets, at the start of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// problem notes damage that was met in a part. The id is the id of the rule that judges it; detail is a short piece of the
// message and need not be UTF-8.
func (m *maker) problem(id string, part int, line int64, detail string) {
	m.addProblem(id, part, line, 1, detail)
}

func (m *maker) addProblem(id string, part int, line, count int64, detail string) {
	if m.places == nil {
		m.places = map[place]int{}
		m.same = map[string]sameID{}
	}
	at := place{id, part}
	if i, ok := m.places[at]; ok {
		m.f.Problems[i].Count += count
		return
	}
	s := m.same[id]
	if s.n >= maxSame {
		m.f.Problems[s.last].Count += count
		return
	}
	m.same[id] = sameID{s.n + 1, len(m.f.Problems)}
	m.places[at] = len(m.f.Problems)
	m.f.Problems = append(m.f.Problems, Problem{
		ID: id, Path: m.res.Path(part), Line: line, Count: count, Detail: cut(clean(cut(detail, maxDetail)), maxDetail),
	})
}

// copyProblems takes over what mimesize found.
func (m *maker) copyProblems() {
	for _, p := range m.res.Problems {
		m.addProblem(p.ID, p.Part, p.Line, p.Count, p.Detail)
	}
}
