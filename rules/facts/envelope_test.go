package facts_test

import (
	"strings"
	"testing"

	"postern/mimesize"
	"postern/rules/facts"
)

// Each address of the envelope is one alone: a server reads "a b@example.org" as two.
func TestEnvelopeAddressSyntax(t *testing.T) {
	for to, bad := range map[string]bool{
		"a@example.org": false, "<a@example.org>": false, `"a b"@example.org`: false, "a@[IPv6:2001:db8::1]": false,
		"a b@example.org": true, "A <a@example.org>": true, "a@example.org, b@example.org": true, "a@example.org>": true,
		"a@example.org (b)": true, "a@example.org\r\nb": true, "a;b@example.org": true,
	} {
		in := top + "\nHello.\n"
		res, err := mimesize.Scan(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		f := facts.Make(strings.NewReader(in), int64(len(in)), res, &facts.Envelope{To: []string{to}}, facts.Options{})
		if got := ids(f, "rfc.address_syntax") != ""; got != bad {
			t.Errorf("%q: a problem: %v, want %v", to, got, bad)
		}
	}
}
