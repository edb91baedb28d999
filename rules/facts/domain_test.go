package facts

import "testing"

func TestDomain(t *testing.T) {
	type answer struct {
		ascii, unicode, registrable string
		suffix, mixed               bool
		lookalike                   string
	}
	for _, test := range []struct {
		name string
		want answer
	}{
		{"Example.COM", answer{ascii: "example.com", unicode: "example.com", registrable: "example.com"}},
		{"mail.example.co.uk.", answer{ascii: "mail.example.co.uk", unicode: "mail.example.co.uk", registrable: "example.co.uk"}},
		{"co.uk", answer{ascii: "co.uk", unicode: "co.uk", suffix: true}},
		{"github.io", answer{ascii: "github.io", unicode: "github.io", registrable: "github.io"}},
		{"alice.github.io", answer{ascii: "alice.github.io", unicode: "alice.github.io", registrable: "alice.github.io"}},
		{"localhost", answer{ascii: "localhost", unicode: "localhost"}},
		{"[192.0.2.1]", answer{ascii: "[192.0.2.1]", unicode: "[192.0.2.1]"}},
		{"192.0.2.1", answer{ascii: "192.0.2.1", unicode: "192.0.2.1"}},
		{"under_score.example.org", answer{ascii: "under_score.example.org", unicode: "under_score.example.org", registrable: "example.org"}},
		{"BÜCHER.example", answer{ascii: "xn--bcher-kva.example", unicode: "bücher.example", registrable: "xn--bcher-kva.example"}},
		{"xn--bcher-kva.example", answer{ascii: "xn--bcher-kva.example", unicode: "bücher.example", registrable: "xn--bcher-kva.example"}},
		{"\u0435xample.com", answer{ascii: "xn--xample-2of.com", unicode: "\u0435xample.com", registrable: "xn--xample-2of.com", mixed: true, lookalike: "example.com"}},
		{"\u0440\u043e\u0441.com", answer{ascii: "xn--n1ade.com", unicode: "\u0440\u043e\u0441.com", registrable: "xn--n1ade.com", lookalike: "poc.com"}},
		{"\u043f\u0440\u0438\u043c\u0435\u0440.com", answer{ascii: "xn--e1afmkfd.com", unicode: "\u043f\u0440\u0438\u043c\u0435\u0440.com", registrable: "xn--e1afmkfd.com"}},
		{"\U0001d41a\U0001d429\U0001d429\U0001d425\U0001d41e.example", answer{ascii: "apple.example", unicode: "apple.example", registrable: "apple.example"}},
		{"\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8x.jp", answer{ascii: "xn--x-pfusbj6909dcvb2w6i.jp", unicode: "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8x.jp", registrable: "xn--x-pfusbj6909dcvb2w6i.jp"}},
		{"a..b", answer{ascii: "a..b", unicode: "a..b"}},
		{".com", answer{ascii: ".com", unicode: ".com"}},
		{"caf\xe9.example", answer{ascii: "xn--caf-dma.example", unicode: "café.example", registrable: "xn--caf-dma.example"}},
	} {
		k := judgedDomain(newDomain(test.name))
		registrable, suffix := k.registration()
		if got := (answer{k.ascii, k.unicode, registrable, suffix, k.mixed, k.lookalike}); got != test.want {
			t.Errorf("%q:\n got %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

func TestMixedScript(t *testing.T) {
	for s, want := range map[string]bool{
		"example":                  false,
		"\u0435xample":             true,  // Cyrillic e
		"\u03b1\u03b2-1":           false, // Greek alone
		"\u03b1b":                  true,
		"\u4e2d\u6587abc":          false,
		"\u4e2d\u3042\u30a2a":      false,
		"\u4e2d\ud55c":             false,
		"\ud55c\u3042":             true,
		"\u0430\u03b1":             true,
		"\u0431\u0430.example.com": false, // each label by itself
	} {
		if got := mixedScript(s); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

// What stands for no domain is shared by all who make facts at the same time, so that nobody may write to it.
func TestNoDomainIsShared(t *testing.T) {
	if f := makeFacts(t, "From: a@b.example, (c) d <e>\n\nx\n", nil, Options{}); len(f.Sender.From) != 2 {
		t.Fatalf("%+v", f.Sender.From)
	}
	if *noDomain != (knownDomain{}) {
		t.Errorf("%+v", *noDomain)
	}
}
