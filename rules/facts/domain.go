package facts

// domain is what is known of a domain name.
type domain struct {
	ascii       string // lower case, A-labels where IDNA can make them, one final dot dropped
	unicode     string // U-labels
	registrable string // by the public suffix list; "" for literals, single labels and public suffixes
	suffix      bool   // it is itself a public suffix
	mixed       bool   // mixes scripts (UTS 39)
	lookalike   string // the ASCII domain that its skeleton is equal to, if that is another
}

// domain looks a domain name up. It is given as it is written.
func (m *maker) domain(name string) *domain {
	if d := m.domains[name]; d != nil {
		return d
	}
	d := newDomain(name)
	if m.domains == nil {
		m.domains = map[string]*domain{}
	}
	if len(m.domains) < maxAddresses {
		m.domains[name] = d
	}
	return d
}

func newDomain(name string) *domain { return &domain{ascii: name, unicode: name} }
