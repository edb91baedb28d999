package facts

// empty is the facts of a message of which nothing is measured. Its lists have no room, so that they can be shared.
var empty = Facts{
	SchemaVersion: SchemaVersion,
	Kind:          KindMessage,
	Origin:        OriginMessage,
	Header:        Header{Names: []string{}},
	Sender: Sender{
		From: []Address{}, Sender: []Address{}, ReplyTo: []Address{}, ReturnPath: []Address{}, ResentFrom: []Address{},
	},
	Recipients: Recipients{
		Domains: []string{}, DuplicateSample: []string{}, Roles: []string{}, Dummies: []string{},
	},
	Parts:       []Part{},
	Attachments: []Attachment{},
	Embedded:    []Attachment{},
	Archived:    []HeldFile{},
	Text:        Text{Placeholders: []Placeholder{}, Phrases: []string{}, Files: []HeldFile{}},
	Links:       Links{Items: []Link{}, Hosts: []string{}, Empty: spots(), Insecure: spots(), Resources: []Spot{}},
	HTML: HTML{
		Documents: []Document{}, ImagesWithoutAlt: spots(), ImagesWithoutSize: spots(), DataURIs: spots(), Contrasts: []Contrast{}, Features: []Spot{},
	},
	Leftovers: Leftovers{
		Greetings: spots(), Literals: spots(), Filler: spots(), Todo: spots(), Unbalanced: spots(), Addresses: spots(), Stub: spots(),
	},
	Variables:      []Variable{},
	List:           List{Unsubscribe: []string{}},
	Authentication: Authentication{DKIMDomains: []string{}},
	Problems:       []Problem{},
	Settings:       []Setting{},
}

func spots() Spots { return Spots{Sample: []Spot{}} }

// New gives facts of a kind with nothing measured yet: every list is empty rather than nil, so that it is [] in JSON and
// in Rego.
func New(kind string) *Facts {
	f := empty
	f.Kind = kind
	return &f
}

// renew makes f what New gives for a message. The lists that most messages fill keep their room.
func (f *Facts) renew() {
	h, s, r := &f.Header, &f.Sender, &f.Recipients
	names, lines := again(h.Names), again(h.Lines)
	from, sender, reply, back, resent := again(s.From), again(s.Sender), again(s.ReplyTo), again(s.ReturnPath), again(s.ResentFrom)
	domains, twice, roles, dummies := again(r.Domains), again(r.DuplicateSample), again(r.Roles), again(r.Dummies)
	parts, attachments, embedded, problems := again(f.Parts), again(f.Attachments), again(f.Embedded), again(f.Problems)
	archived := again(f.Archived)
	unsubscribe, signed := again(f.List.Unsubscribe), again(f.Authentication.DKIMDomains)
	links, hosts, documents, phrases := again(f.Links.Items), again(f.Links.Hosts), again(f.HTML.Documents), again(f.Text.Phrases)
	*f = empty
	f.Links.Items, f.Links.Hosts, f.HTML.Documents, f.Text.Phrases = links, hosts, documents, phrases
	h.Names, h.Lines = names, lines
	s.From, s.Sender, s.ReplyTo, s.ReturnPath, s.ResentFrom = from, sender, reply, back, resent
	r.Domains, r.DuplicateSample, r.Roles, r.Dummies = domains, twice, roles, dummies
	f.Parts, f.Attachments, f.Embedded, f.Archived, f.Problems = parts, attachments, embedded, archived, problems
	f.List.Unsubscribe, f.Authentication.DKIMDomains = unsubscribe, signed
}

// again gives the room of a list, if it is not too much to be kept.
func again[T any](l []T) []T {
	if cap(l) > maxKeptEntries || l == nil {
		return []T{}
	}
	return l[:0]
}
