package facts

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"postern/mimesize"
)

// maxAddresses bounds the addresses and domains that are kept of one message.
const maxAddresses = 10_000

const (
	maxSubject = 1000 // characters of Subject.Text
	maxValue   = 998  // octets of other values
	maxNames   = 1000 // header field names
)

// header measures the message's own header block.
func (m *maker) header() {
	m.indexHeader()
	h := &m.f.Header
	h.Received = len(m.each(fieldReceived))
	h.InReplyTo = m.head.has(fieldInReplyTo)
	h.References = m.head.has(fieldReferences)
	h.MIMEVersion = m.head.has(fieldMIMEVersion)
	h.Mailer = m.text(fieldXMailer)
	if h.Mailer == "" {
		h.Mailer = m.text(fieldUserAgent)
	}
	h.PHPScript = m.head.has(fieldXPHPScript) || m.head.has(fieldXPHPOriginatingScript)
	h.Priority = m.priority()
	if m.without&Names == 0 {
		h.MessageID = Unstruct{Count: len(m.each(fieldMessageID)), Value: m.text(fieldMessageID)}
	}
	m.subject()
	m.date()
	m.senders()
	m.recipients()
	m.list()
	m.automation()
	m.authentication()
	if m.without&Damage == 0 {
		m.staleSignatures()
		m.conform()
	}
}

// indexHeader sorts the message's own fields by name.
func (m *maker) indexHeader() {
	fields := m.res.HeaderFields(0)
	h := &m.f.Header
	h.Fields = len(fields)
	b := m.block(0)
	h.Lines = m.head.sort(fields, b.text, b.off, m.name, h.Lines)
	if m.without&Names != 0 {
		return
	}
	h.Names = slices.Grow(h.Names, len(m.head.different))
	for _, n := range m.head.different {
		h.Names = append(h.Names, clean(m.head.names[n].text))
	}
	slices.Sort(h.Names)
	h.Names = h.Names[:min(len(h.Names), maxNames)]
}

// each gives the fields of the message's own header of a name.
func (m *maker) each(id fieldID) []mimesize.Field { return m.head.byField(id) }

// bounded gives the start of a field's value, unfolded, at most n octets.
func (m *maker) bounded(f mimesize.Field, n int) string {
	b := m.raw(f)
	return cut(unfold(b[:min(len(b), 4*n)]), n)
}

// view is bounded for those who keep nothing of it: it changes with the next message.
func (m *maker) view(f mimesize.Field, n int) string {
	b := m.raw(f)
	b = withoutEnds(b[:min(len(b), 4*n)])
	if bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') < 0 {
		return cut(viewOf(b), n)
	}
	return cut(unfold(b), n)
}

// withoutEnds takes away the blanks and line ends around b.
func withoutEnds(b []byte) []byte {
	for len(b) > 0 && class[b[0]] == cBlank {
		b = b[1:]
	}
	for len(b) > 0 && class[b[len(b)-1]] == cBlank {
		b = b[:len(b)-1]
	}
	return b
}

// peek gives the value of the first field of a name as UTF-8, "" if there is none, for those who keep nothing of it.
func (m *maker) peek(id fieldID) string {
	if !m.head.has(id) {
		return ""
	}
	return cut(clean(m.view(m.each(id)[0], maxValue)), maxValue)
}

// text is peek for the facts.
func (m *maker) text(id fieldID) string {
	if !m.head.has(id) {
		return ""
	}
	return m.keep(m.peek(id))
}

// priority tells whether the message asks for the reader's attention.
func (m *maker) priority() bool {
	p := m.peek(fieldXPriority)
	return strings.HasPrefix(p, "1") || strings.HasPrefix(p, "2") || strings.EqualFold(m.peek(fieldImportance), "high")
}

// subject measures the first Subject field.
func (m *maker) subject() {
	all := m.each(fieldSubject)
	s := &m.f.Header.Subject
	s.Count = len(all)
	if s.Count == 0 {
		return
	}
	if text := m.view(all[0], 16*maxSubject); isASCIIBytes(octetsOf(text)) && !strings.Contains(text, "=?") && !bareCR(m.raw(all[0])) {
		text = strings.TrimSpace(text)
		s.Text = m.keep(text[:min(len(text), maxSubject)])
		s.ascii(text)
		return
	}
	decoded := decodeWords(m.bounded(all[0], 16*maxSubject))
	if strings.ContainsAny(strings.TrimSpace(decoded), "\r\n") || bareCR(m.raw(all[0])) {
		m.problem("rfc.subject_crlf", 0, all[0].Line, decoded)
	}
	text := []rune(strings.TrimSpace(decoded))
	s.Length = len(text)
	s.Text = string(text[:min(len(text), maxSubject)])
	for _, r := range text {
		switch {
		case unicode.IsUpper(r):
			s.Letters++
			s.Capitals++
		case unicode.IsLower(r):
			s.Letters++
		}
	}
	lower := strings.ToLower(s.Text)
	s.URL = strings.Contains(lower, "http://") || strings.Contains(lower, "https://") || strings.Contains(lower, "www.")
	s.Currency = currency(s.Text)
	s.Reply = hasPrefix(lower, replyPrefixes)
	s.Forward = hasPrefix(lower, forwardPrefixes)
}

// ascii measures a subject that needs no decoding.
func (s *Subject) ascii(text string) {
	s.Length = len(text)
	var kinds uint64
	for i := range len(text) {
		kinds += subjectKinds[text[i]]
	}
	s.Letters, s.Capitals = int(kinds&0xffff), int(kinds>>16&0xffff)
	if kinds>>32 == 0 {
		return
	}
	s.URL = strings.IndexByte(s.Text, '/') >= 0 && (indexFold(s.Text, "http://") >= 0 || indexFold(s.Text, "https://") >= 0) ||
		strings.IndexByte(s.Text, '.') >= 0 && indexFold(s.Text, "www.") >= 0
	s.Currency = strings.IndexByte(s.Text, '$') >= 0 && currency(s.Text)
	if head := s.Text[:min(len(s.Text), maxPrefix)]; strings.IndexByte(head, ':') >= 0 {
		var buf [maxPrefix]byte
		b := append(buf[:0], head...)
		lower(b)
		head = viewOf(b)
		s.Reply = hasPrefix(head, replyPrefixes)
		s.Forward = hasPrefix(head, forwardPrefixes)
	}
}

// subjectKinds counts for an octet of a subject, in 16 bits each: letters, capitals, and octets that URLs, sums of money and prefixes
// have. A subject that is measured so has less than 65,536 octets.
var subjectKinds = func() (t [256]uint64) {
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c&^0x20] = 1, 1|1<<16
	}
	for _, c := range "/.$:" {
		t[c] = 1 << 32
	}
	return t
}()

// bareCR tells whether a value holds CR that no LF follows.
func bareCR(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\r')
		if i < 0 {
			return false
		}
		if b = b[i+1:]; len(b) > 0 && b[0] != '\n' && b[0] != ' ' && b[0] != '\t' {
			return true
		}
	}
}

// currency tells whether a currency sign stands beside a number.
func currency(s string) bool {
	var digit, sign bool // what stands before, blanks left out
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			if sign {
				return true
			}
			digit, sign = true, false
		case unicode.Is(unicode.Sc, r):
			if digit {
				return true
			}
			digit, sign = false, true
		case unicode.IsSpace(r):
		default:
			digit, sign = false, false
		}
	}
	return false
}

// Prefixes that mail programs put before the subject of replies and forwarded messages, in lower case.
var (
	replyPrefixes   = []string{"re", "aw", "sv", "antw", "antwort", "odp", "rif", "res", "ref", "ynt", "vá", "vs", "bls", "r", "απ", "σχετ", "ответ", "回复", "回覆", "答复", "返信", "רה", "رد"}
	forwardPrefixes = []string{"fwd", "fw", "wg", "tr", "rv", "enc", "i", "doorst", "vb", "vl", "pd", "ilt", "πρθ", "пер", "转发", "轉寄", "転送"}
)

// maxPrefix is how much of a subject is looked at for a prefix.
const maxPrefix = 40

// hasPrefix tells whether a subject in lower case begins with one of the prefixes and a colon, a count such as [2] between
// them or not.
func hasPrefix(subject string, prefixes []string) bool {
	head, _, ok := strings.Cut(subject[:min(len(subject), maxPrefix)], ":")
	if !ok {
		if head, _, ok = strings.Cut(subject[:min(len(subject), maxPrefix)], "："); !ok {
			return false
		}
	}
	head, _, _ = strings.Cut(head, "[")
	head, _, _ = strings.Cut(head, "(")
	head = strings.TrimRight(strings.TrimSpace(head), "^0123456789")
	return slices.Contains(prefixes, head)
}
