package facts

// New gives facts of a kind with nothing measured yet: every list is empty rather than nil, so that it is [] in JSON and
// in Rego.
func New(kind string) *Facts {
	return &Facts{
		SchemaVersion: SchemaVersion,
		Kind:          kind,
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
		Text:        Text{Placeholders: []Placeholder{}, Phrases: []string{}},
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
}

func spots() Spots { return Spots{Sample: []Spot{}} }
