package facts

import (
	"slices"
	"strings"

	"postern/mimesize"
)

const (
	maxDomains = 1000 // of Recipients.Domains
	maxSamples = 20   // of the lists of addresses in Recipients
	maxLooked  = 10 * maxAddresses
	minSorted  = 6 // fewer addresses are in order too often by chance
)

// what is known of a recipient
const (
	inHeader  = 1 << iota // in To, Cc or Bcc
	inVisible             // in To or Cc
)

// recipientSet counts recipients.
type recipientSet struct {
	m        *maker
	r        *Recipients
	seen     textSet
	envelope textSet // at most maxAddresses, apart from seen so that a full header takes none of them
	domains  textSet
	last     string // the visible address before
	// apparently counts the addresses of Apparently-To, for nobody.
	apparently int
	ordered    bool
	over       bool // see full
}

// end lets go of the message.
func (s *recipientSet) end() {
	s.m, s.r, s.last, s.over = nil, nil, "", false
	s.seen.reset()
	s.envelope.reset()
	s.domains.reset()
}

// recipients measures who receives the message.
func (m *maker) recipients() {
	r := &m.f.Recipients
	s := &m.receivers
	s.m, s.r, s.ordered = m, r, true
	if m.head.hasAny(&ofRecipients) {
		s.ofHeader()
	}
	if len(m.env.To) > 0 {
		s.ofEnvelope()
	}
	s.finish()
}

// ofRecipients are the fields that ofHeader reads.
var ofRecipients = func() (s fieldSet) {
	for _, id := range [...]fieldID{fieldTo, fieldCc, fieldBcc, fieldResentTo, fieldResentCc, fieldResentBcc, fieldApparentlyTo} {
		s.add(id)
	}
	return s
}()

// ofHeader counts the addresses of the header.
func (s *recipientSet) ofHeader() {
	m, r := s.m, s.r
	r.ToFields, r.CcFields = len(m.each(fieldTo)), len(m.each(fieldCc))
	r.BccFields, r.ResentBccFields = len(m.each(fieldBcc)), len(m.each(fieldResentBcc))
	s.fields(fieldTo, &r.To, inHeader|inVisible)
	s.fields(fieldCc, &r.Cc, inHeader|inVisible)
	s.fields(fieldBcc, &r.Bcc, inHeader)
	s.fields(fieldResentTo, &r.Resent, 0)
	s.fields(fieldResentCc, &r.Resent, 0)
	s.fields(fieldResentBcc, &r.Resent, 0)
	if len(m.env.To) == 0 { // Sendmail and qmail take recipients from it too
		s.fields(fieldApparentlyTo, &s.apparently, 0)
	}
}

// fields counts the addresses of the fields of one name.
func (s *recipientSet) fields(id fieldID, n *int, bits uint8) {
	for _, f := range s.m.each(id) {
		if s.m.plainField(f) {
			s.plain(f, n, bits)
		} else {
			s.field(f, n, bits)
		}
	}
}

// plain counts the addresses of a field that is a plain list.
func (s *recipientSet) plain(f mimesize.Field, n *int, bits uint8) {
	m := s.m
	*n += len(m.items)
	if m.without&Damage != 0 {
		a := found{plain: true}
		for k := range m.items {
			if s.full() {
				s.beyond(f.Line, int64(len(m.items)-k))
				break
			}
			m.itemAddress(k, &a.address)
			s.add(&a, bits)
		}
		return
	}
	lines := lineCounter{line: f.Line}
	for k := range m.items {
		if s.full() {
			s.beyond(lines.at(m.reader.s, m.items[k].local), int64(len(m.items)-k))
			break
		}
		m.item(k, &lines)
		m.checkAddress("rfc.address_syntax", &m.found)
		s.add(&m.found, bits)
	}
}

// field counts the addresses of any other field.
func (s *recipientSet) field(f mimesize.Field, n *int, bits uint8) {
	alone := f.Length > maxStrict // nobody but the set looks at the addresses again
	list := s.m.readOddList(f, s.full, func(a *found) {
		if a.over {
			if !a.mb.null {
				*n++
				s.beyond(a.line, 1)
			}
			return
		}
		s.m.checkAddress("rfc.address_syntax", a)
		if a.mb == nil || !a.mb.null {
			*n++
			if known := s.add(a, bits); known && alone && a.mb != nil {
				s.m.keys.back(a.before)
			}
		}
	})
	s.m.checkList("rfc.address_syntax", list, f.Line)
	s.r.Groups += list.groups
	s.r.EmptyGroups += list.empty
	if list.uncertain {
		s.r.Uncertain = true
	}
}

// ofEnvelope counts the addresses of the envelope.
func (s *recipientSet) ofEnvelope() {
	m, r := s.m, s.r
	r.EnvelopeKnown = true
	for _, to := range m.env.To {
		n := r.Envelope
		alone := m.readEnvelope(to, func(a *found) {
			r.Envelope++
			if s.envelope.find(a.key) < 0 && len(s.envelope.list) < maxAddresses {
				s.envelope.add(a.key, 0)
			}
			s.add(a, 0) // reports it when there are more than maxAddresses
		})
		if !alone || r.Envelope != n+1 {
			r.Uncertain = true
		}
	}
	r.EnvelopeUnique = len(s.envelope.list)
}

// full tells that there were more addresses than are looked at, or more different ones than are told apart. What comes then is only
// counted.
func (s *recipientSet) full() bool { return s.over || s.r.Total >= maxLooked }

// beyond counts addresses that come when the set is full.
func (s *recipientSet) beyond(line, n int64) {
	s.r.Total += int(n)
	s.r.Uncertain = true
	if s.m.without&Damage == 0 {
		s.m.addProblem("limit.addresses", 0, line, n, "")
	}
}

// add counts one address, and tells whether it was known: then nothing of it is kept.
func (s *recipientSet) add(a *found, bits uint8) (known bool) {
	if s.full() {
		s.beyond(a.line, 1)
		return true
	}
	r := s.r
	at, was := s.seen.find(a.key), uint8(0)
	switch {
	case at < 0 && len(s.seen.list) >= maxAddresses:
		s.over = true
		s.beyond(a.line, 1)
		return true
	case at >= 0:
		e := &s.seen.list[at]
		was = e.bits
		e.bits |= bits
	default:
		s.seen.add(a.key, bits)
		r.Unique++
		s.first(a)
	}
	r.Total++
	if bits&inHeader != 0 {
		if was&inHeader != 0 {
			r.Duplicates++
			r.DuplicateSample = s.sample(r.DuplicateSample, a)
		} else {
			r.HeaderUnique++
		}
	}
	if bits&inVisible != 0 {
		if was&inVisible == 0 {
			r.Visible++
		}
		if s.ordered {
			s.ordered = a.key >= s.last
			if s.last = a.key; at >= 0 {
				s.last = s.seen.list[at].text
			}
		}
	}
	return at >= 0
}

// first looks at an address that was not met before.
func (s *recipientSet) first(a *found) {
	r, d := s.r, a.domain
	if !a.at || d.ascii == "" {
		r.Unqualified++
		return
	}
	if d.receives != s.m.head.message {
		if d.receives = s.m.head.message; s.domains.find(d.ascii) < 0 {
			s.domains.add(d.ascii, 0)
		}
	}
	if isRole(a) {
		r.Roles = s.newSample(r.Roles, a)
	}
	if d.reserved {
		r.Dummies = s.newSample(r.Dummies, a)
	}
}

// newSample is sample of an address that was not met before.
func (s *recipientSet) newSample(all []string, a *found) []string {
	if a.plain && len(all) < maxSamples {
		return append(all, s.m.keepText(&a.address)) // no other has this text
	}
	return s.sample(all, a)
}

func (s *recipientSet) sample(all []string, a *found) []string {
	if len(all) >= maxSamples {
		return all
	}
	if text := a.text(); !slices.Contains(all, text) {
		all = append(all, s.m.keep(text))
	}
	return all
}

func (s *recipientSet) finish() {
	r, all := s.r, s.domains.list
	r.Sorted = s.ordered && r.Visible >= minSorted
	if tell := s.m.recipient; tell != nil {
		// One after the other, so that a processor can hash several at a time.
		for i := range s.seen.list {
			key := s.seen.list[i].text
			if s.m.memory == nil {
				key = strings.Clone(key) // without a Memory it may be kept
			}
			tell(key)
		}
	}
	if len(all) == 0 {
		return
	}
	r.DomainCount = len(all)
	r.Domains = slices.Grow(r.Domains, len(all))
	for i := range all {
		r.Domains = append(r.Domains, all[i].text)
	}
	r.Domains = slices.Clip(leastTexts(r.Domains, maxDomains))
	slices.Sort(r.Domains)
}

// isRole tells whether an address has one of the mailbox names of RFC 2142 sections 3 to 5.
func isRole(a *found) bool {
	lower := a.key[:min(len(a.local), len(a.key))]
	if !a.plain {
		lower = strings.ToLower(a.local)
	}
	switch lower {
	case "info", "marketing", "sales", "support", "abuse", "noc", "security",
		"postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp":
		return true
	}
	return false
}

// reserved tells whether nobody can have mail at a domain: RFC 2606 sections 2 and 3, RFC 6761 section 6.
func reserved(domain string) bool {
	i := strings.LastIndexByte(domain, '.')
	switch domain[i+1:] {
	case "test", "example", "invalid", "localhost":
		return true
	case "com", "net", "org":
		above := domain[:max(i, 0)]
		return above == "example" || strings.HasSuffix(above, ".example")
	}
	return false
}
