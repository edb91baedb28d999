package facts

import (
	"slices"
	"strings"

	"postern/mimesize"
)

const (
	maxDomains = 1000 // of Recipients.Domains
	maxSamples = 20   // of the lists of addresses in Recipients
	minSorted  = 6    // fewer addresses are in order too often by chance
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
	seen     map[string]uint8
	envelope map[string]bool // at most maxAddresses, apart from seen so that a full header takes none of them
	domains  map[string]bool
	last     string // the visible address before
	ordered  bool
}

// recipients measures who receives the message.
func (m *maker) recipients() {
	r := &m.f.Recipients
	s := &m.receivers
	s.m, s.r, s.ordered, s.last = m, r, true, ""
	if s.seen == nil {
		s.seen = map[string]uint8{}
	}
	if s.envelope == nil {
		s.envelope = map[string]bool{}
	}
	if s.domains == nil {
		s.domains = map[string]bool{}
	}
	r.ToFields, r.CcFields = len(m.all("to")), len(m.all("cc"))
	r.BccFields, r.ResentBccFields = len(m.all("bcc")), len(m.all("resent-bcc"))
	for _, kind := range [...]struct {
		name string
		n    *int
		bits uint8
	}{
		{"to", &r.To, inHeader | inVisible},
		{"cc", &r.Cc, inHeader | inVisible},
		{"bcc", &r.Bcc, inHeader},
		{"resent-to", &r.Resent, 0},
		{"resent-cc", &r.Resent, 0},
		{"resent-bcc", &r.Resent, 0},
	} {
		for _, f := range m.all(kind.name) {
			s.field(f, kind.n, kind.bits)
		}
	}
	r.EnvelopeKnown = len(m.env.To) > 0
	for _, to := range m.env.To {
		n := r.Envelope
		alone := m.readEnvelope(to, func(a *found) {
			r.Envelope++
			if len(s.envelope) < maxAddresses {
				s.envelope[a.key] = true
			}
			s.add(a, 0) // reports it when there are more than maxAddresses
		})
		if !alone || r.Envelope != n+1 {
			r.Uncertain = true
		}
	}
	s.finish()
}

// field counts the addresses of one field.
func (s *recipientSet) field(f mimesize.Field, n *int, bits uint8) {
	list := s.m.readList(f, func(a *found) {
		s.m.checkAddress("rfc.address_syntax", a)
		if a.mb == nil || !a.mb.null {
			*n++
			s.add(a, bits)
		}
	})
	s.m.checkList("rfc.address_syntax", list, f.Line)
	s.r.Groups += list.groups
	s.r.EmptyGroups += list.empty
	if list.uncertain {
		s.r.Uncertain = true
	}
}

// add counts one address.
func (s *recipientSet) add(a *found, bits uint8) {
	r := s.r
	r.Total++
	known, ok := s.seen[a.key]
	if !ok && len(s.seen) >= maxAddresses {
		r.Uncertain = true
		s.m.problem("limit.addresses", 0, a.line, "")
		return
	}
	if !ok {
		r.Unique++
		s.first(a)
		if s.m.recipient != nil {
			s.m.recipient(a.key)
		}
	}
	if bits&inHeader != 0 {
		if known&inHeader != 0 {
			r.Duplicates++
			r.DuplicateSample = s.sample(r.DuplicateSample, a)
		} else {
			r.HeaderUnique++
		}
	}
	if bits&inVisible != 0 {
		if known&inVisible == 0 {
			r.Visible++
		}
		if a.key < s.last {
			s.ordered = false
		}
		s.last = a.key
	}
	if !ok || known|bits != known {
		s.seen[a.key] = known | bits
	}
}

// first looks at an address that was not met before.
func (s *recipientSet) first(a *found) {
	r := s.r
	if !a.at || a.domain.ascii == "" {
		r.Unqualified++
		return
	}
	s.domains[a.domain.ascii] = true
	if slices.Contains(roles, strings.ToLower(a.local)) {
		r.Roles = s.sample(r.Roles, a)
	}
	if reserved(a.domain.ascii) {
		r.Dummies = s.sample(r.Dummies, a)
	}
}

func (s *recipientSet) sample(all []string, a *found) []string {
	if text := a.text(); len(all) < maxSamples && !slices.Contains(all, text) {
		all = append(all, text)
	}
	return all
}

func (s *recipientSet) finish() {
	r := s.r
	r.Sorted = s.ordered && r.Visible >= minSorted
	r.EnvelopeUnique = len(s.envelope)
	r.DomainCount = len(s.domains)
	r.Domains = slices.Grow(r.Domains, len(s.domains))
	for d := range s.domains {
		r.Domains = append(r.Domains, d)
	}
	slices.Sort(r.Domains)
	r.Domains = slices.Clip(r.Domains[:min(len(r.Domains), maxDomains)])
}

// roles are the mailbox names of RFC 2142 sections 3 to 5.
var roles = []string{
	"info", "marketing", "sales", "support", "abuse", "noc", "security",
	"postmaster", "hostmaster", "usenet", "news", "webmaster", "www", "uucp", "ftp",
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
