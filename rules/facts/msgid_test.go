package facts

import (
	"strings"
	"testing"
)

func TestSplitID(t *testing.T) {
	for in, want := range map[string]string{
		"<a@b>":                 "b",
		"<a.b+c@x.example>":     "x.example",
		"<a@[192.0.2.1]>":       "[192.0.2.1]",
		`<"a b"@x.example>`:     "x.example",
		"a@b":                   "",
		"<a@b":                  "",
		"<a>":                   "",
		"<@b>":                  "",
		"<a@>":                  "",
		"<a b@c>":               "",
		"<a@b c>":               "",
		"<a@b@c>":               "",
		"<a:b@c>":               "",
		"<.a@c>":                "",
		"<a@b.>":                "",
		"":                      "",
		"<>":                    "",
		"<a@b><c@d>":            "",
		"<a,b@c.example>":       "",
		"<a@[x[y]>":             "",
		"<a@b> (comment) <c@d>": "",
	} {
		if _, right, ok := splitID(in); ok != (want != "") || ok && right != want {
			t.Errorf("%q: %q %v, want %q", in, right, ok, want)
		}
	}
}

func TestStripComments(t *testing.T) {
	for in, want := range map[string]string{
		"a":               "a",
		"a (b) c":         "a   c",
		"a (b (c) d) e":   "a   e",
		`a (b \) c) d`:    "a   d",
		`"a (b)" (c)`:     `"a (b)"  `,
		"a (b":            "a (b",
		"a (b (c) d":      "a (b (c) d",
		"a) b":            "a) b",
		`a "b\" (c)" (d)`: `a "b\" (c)"  `,
	} {
		if got := stripComments(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	// A third of a megabyte of comment costs go-message half a minute.
	for _, piece := range []string{"(", "()", "a", "\\", "(a"} {
		stripComments("<a@b> (" + strings.Repeat(piece, 300_000/len(piece)))
	}
}

func TestBadReference(t *testing.T) {
	for _, test := range []struct {
		in      string
		phrases bool
		want    string
		bad     bool
	}{
		{"<a@b>", false, "", false},
		{"<a@b> <c@d>", false, "", false},
		{"<a@b><c@d>,\t<e@f>", false, "", false},
		{"", false, "", true},
		{"a@b", false, "a@b", true},
		{"<a@b> x", false, "x", true},
		{"<a@b> x", true, "", false},
		{"your message of Monday <a@b>", true, "", false},
		{"your message of Monday <a@b>", false, "your message of Monday <a@b>", true},
		{"your message", true, "your message", true},
		{"<a@b c>", true, "<a@b c>", true},
	} {
		if got, bad := badReference(test.in, test.phrases); got != test.want || bad != test.bad {
			t.Errorf("%q %v: %q %v, want %q %v", test.in, test.phrases, got, bad, test.want, test.bad)
		}
	}
}
