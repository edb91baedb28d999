package facts

import (
	"bytes"
	"io"
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

// maker carries one Make from step to step. Its memory serves one message after the other; nothing in it is part of the facts.
type maker struct {
	r         io.ReaderAt
	whole     []byte // the whole message, nil if it is not in memory
	size      int64
	res       *mimesize.Result
	env       *Envelope
	now       time.Time
	without   Set
	recipient func(address string) // see Options.Recipient
	f         *Facts
	memory    *Memory // of f, nil where it has its own

	top, other block // header blocks that were read: the message's own, and that of one other part
	noted      []place
	places     map[place]int // from maxListed problems on: where each is in f.Problems
	same       map[string]sameID
	keys       arena // what addresses of this message are known by
	domains    map[string]*knownDomain
	rooms      []knownDomain                 // for those that come next
	chunks     [][]knownDomain               // what rooms are taken from
	inUse      int                           // of chunks
	recent     [1 << recentBits]*knownDomain // domains that were looked up, by recentPlace
	looked     int                           // domains of this message that were looked at closely
	items      []plainItem
	reader     listReader
	found      found
	receivers  recipientSet
	head       fieldsByName // of the message's own header
	lists      int64        // octets of address fields that were read
	listed     []string     // what the addresses of the list that is read are known by
	piece      []byte
	params     params // of the field that is being read
	signatures signatures
	types      typeMemo
	day        usualDay
	mailer     string // the last mail program, and what mailerSoftware makes of it
	software   string
}

// begin takes the next message.
func (m *maker) begin(r io.ReaderAt, size int64, res *mimesize.Result, env *Envelope, o *Options) {
	m.r, m.size, m.res, m.env = r, size, res, env
	if o, ok := r.(interface{ InMemory() []byte }); ok {
		if b := o.InMemory(); int64(len(b)) == size {
			m.whole = b
		}
	}
	m.now, m.without, m.recipient = o.Now, o.Without, o.Recipient
	if m.memory != nil {
		m.f = m.memory.facts
	} else {
		m.f = New(KindMessage)
	}
	m.lists, m.looked = 0, 0
	if len(m.domains) > maxKnownDomains {
		clear(m.domains)
		clear(m.recent[:])
		m.rooms, m.inUse = nil, 0
	}
}

// recentBits is such that an archive has seldom two domains in one place of maker.recent.
const recentBits = 8

// maxKept bounds the octets of a buffer, and the entries of a table, that are kept for the next message.
const (
	maxKeptOctets  = 512 << 10
	maxKeptEntries = 256
)

// end lets go of the message.
func (m *maker) end() {
	if spoilMaker != nil {
		spoilMaker(m)
	}
	m.r, m.whole, m.res, m.env, m.recipient, m.f = nil, nil, nil, nil, nil, nil
	m.top.forget()
	m.other.forget()
	m.noted = keep(m.noted)
	m.places, m.same = nil, nil
	m.items = keep(m.items)
	m.listed = keep(m.listed)
	m.found = found{}
	m.reader.end()
	m.receivers.end()
	m.keys.reset(maxKeptOctets)
	m.head.end()
	m.params.list = keep(m.params.list)
	m.signatures.end()
	if cap(m.piece) > maxKeptOctets {
		m.piece = nil
	}
}

// keep empties a list of which not too much is kept.
func keep[T any](l []T) []T {
	if cap(l) > maxKeptEntries {
		return nil
	}
	clear(l)
	return l[:0]
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
	own  []byte // where text lies if the message is not in memory
}

func (b *block) forget() {
	b.ok, b.text = false, nil
	if cap(b.own) > maxKeptOctets {
		b.own = nil
	}
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
	n := min(h.Length, maxBlock)
	if m.whole != nil && 0 <= h.Offset && h.Offset <= m.size {
		b.text = m.whole[h.Offset:][:min(n, m.size-h.Offset)]
		return b
	}
	b.own = m.readAt(b.own[:0], h.Offset, n)
	b.text = b.own
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

// path gives the MIME path of a part, which is made but once where Facts.Parts has it.
func (m *maker) path(part int) string {
	if part < len(m.f.Parts) {
		return m.f.Parts[part].Path
	}
	return m.res.Path(part)
}

// name gives a field's name as it is written.
func (m *maker) name(f mimesize.Field) []byte {
	return m.octets(f, 0, min(int64(f.Name), maxNameOctets))
}

// maxNameOctets bounds the octets of a field's name that are looked at.
const maxNameOctets = 998

// raw gives a field's value as it is written: folded, with its line ends, at most maxField octets of it. It is valid until
// the next call.
func (m *maker) raw(f mimesize.Field) []byte {
	b := m.octets(f, 0, maxField)
	if i := bytes.IndexByte(b, ':'); i >= 0 {
		return b[i+1:]
	}
	return nil
}

// rawAndMore is raw, and gives what is in memory behind the value too.
func (m *maker) rawAndMore(f mimesize.Field) (value, more []byte) {
	b := m.block(f.Part)
	if from := f.Offset - b.off; from >= 0 && from+f.Length <= int64(len(b.text)) {
		if at := from + int64(f.Name); at < from+f.Length && b.text[at] == ':' {
			value, more = b.text[at+1:from+f.Length], b.text[at+1:]
			if m.whole != nil {
				more = m.whole[b.off+at+1:]
			}
			return value, more
		}
	}
	value = m.raw(f)
	return value, value
}

// value gives a field's value unfolded (RFC 5322 section 2.2.3) and without blanks around it, at most maxField octets. It
// is the raw text of the message, which need not be UTF-8; see clean and decodeWords.
func (m *maker) value(f mimesize.Field) string { return unfold(m.raw(f)) }

// unfold takes line ends out of a field's value and trims it.
func unfold(b []byte) string {
	b = bytes.Trim(b, " \t\r\n")
	if !holdsLineEnd(b) {
		return string(b)
	}
	return viewOf(appendUnfolded(make([]byte, 0, len(b)), b))
}

// appendUnfolded appends what unfold gives.
func appendUnfolded(to, b []byte) []byte {
	b = bytes.Trim(b, " \t\r\n")
	if !holdsLineEnd(b) {
		return append(to, b...)
	}
	from := 0
	for i, c := range b {
		if c != '\n' && c != '\r' {
			continue
		}
		to = append(to, b[from:i]...)
		if c == '\r' && (i+1 == len(b) || b[i+1] != '\n') {
			to = append(to, ' ') // a bare CR separates for some readers
		}
		from = i + 1
	}
	return append(to, b[from:]...)
}

func holdsLineEnd(b []byte) bool {
	return bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, '\r') >= 0
}

// first gives the first field of a name in the header of a part. Names are compared without regard to case.
func (m *maker) first(part int, id fieldID) (mimesize.Field, bool) {
	if part == 0 {
		if !m.head.has(id) {
			return mimesize.Field{}, false
		}
		return m.each(id)[0], true
	}
	name := fieldNames[id]
	for _, f := range m.res.HeaderFields(part) {
		if f.Name == len(name) && equalFold(m.name(f), name) {
			return f, true
		}
	}
	return mimesize.Field{}, false
}

// equalFold tells whether b is name, which is in lower case, without regard to the case of ASCII letters.
func equalFold(b []byte, name string) bool {
	if len(b) != len(name) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != name[i] {
			return false
		}
	}
	return true
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
	if m.without&Damage != 0 {
		return
	}
	m.addProblem(id, part, line, 1, detail)
}

// again counts a problem that is known of its part, and is false for one that is not, of which problem wants to know more.
func (m *maker) again(id string, part int) bool {
	if m.without&Damage != 0 {
		return true
	}
	i, _ := m.known(place{id, part})
	if i < 0 {
		return false
	}
	m.f.Problems[i].Count++
	return true
}

// maxListed is the number of problems up to which looking through them is faster than looking them up.
const maxListed = 32

func (m *maker) addProblem(id string, part int, line, count int64, detail string) {
	at := place{id, part}
	i, same := m.known(at)
	switch {
	case i >= 0:
		m.f.Problems[i].Count += count
		return
	case same.n >= maxSame:
		m.f.Problems[same.last].Count += count
		return
	}
	if m.noted = append(m.noted, at); m.places != nil {
		m.same[id] = sameID{same.n + 1, len(m.f.Problems)}
		m.places[at] = len(m.f.Problems)
	}
	m.f.Problems = append(m.f.Problems, Problem{
		ID: id, Path: m.path(part), Line: line, Count: count, Detail: m.keep(cut(clean(cut(detail, maxDetail)), maxDetail)),
	})
}

// known gives where the problem of that place is in f.Problems, -1 if it is not, and what there is of its id.
func (m *maker) known(at place) (i int, same sameID) {
	if len(m.noted) >= maxListed && m.places == nil {
		m.places, m.same = map[place]int{}, map[string]sameID{}
		for i, p := range m.noted {
			m.places[p] = i
			m.same[p.id] = sameID{m.same[p.id].n + 1, i}
		}
	}
	if m.places != nil {
		if i, ok := m.places[at]; ok {
			return i, same
		}
		return -1, m.same[at.id]
	}
	for i, p := range m.noted {
		if p == at {
			return i, same
		}
		if p.id == at.id {
			same.n++
			same.last = i
		}
	}
	return -1, same
}

// copyProblems takes over what mimesize found.
func (m *maker) copyProblems() {
	for _, p := range m.res.Problems {
		m.addProblem(p.ID, p.Part, p.Line, p.Count, p.Detail)
	}
}
