package facts

import (
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// References are decoded as the library does it, by this package wherever it can.
func TestReferences(t *testing.T) {
	own := 0
	check := func(s string) {
		if got, want := unescapeText(s), html.UnescapeString(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	for _, name := range strings.Fields("amp lt gt quot apos nbsp copy auml Ouml szlig eacute euro hellip mdash rsquo zwnj trade thorn yuml OElig " +
		"fjlig NotEqualTilde acE AMP notin not notit copysr ampamp bogus a ab") {
		for _, s := range []string{"&%;", "&%", "a&%b", "&%;x", "&% ", "&%=", "&&%;", "&%;&%;", "&%&", "ü&%;\xff"} {
			check(strings.ReplaceAll(s, "%", name))
		}
		if reference(name) != 0 {
			own++
		}
	}
	if own < 20 {
		t.Errorf("%d names are known", own)
	}
	for n := range 0x120 {
		for _, s := range []string{"&#%d;", "&#%d", "&#%d x"} {
			check(strings.ReplaceAll(s, "%d", strconv.Itoa(n)))
		}
	}
	for _, n := range []int{8217, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0x10ffff, 0x110000, 999999, 9999999} {
		check("&#" + strconv.Itoa(n) + ";")
	}
	for _, s := range []string{"&", "&&", "a & b", "AT&T", "AT&T;", "Q&A &", "&#", "&#;", "&#x41;", "&#X41;", "&#0041;", "&#00000041;", "&;", "&1;", "&12;", "&a;", "x\x00&amp;"} {
		check(s)
	}
}

func FuzzReferences(f *testing.F) {
	for _, s := range []string{"a &amp; b", "&#8217;&nbsp;", "AT&T &copy", "&eacute;&bogus;", "&notit;&#x2019;"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := unescapeText(s), html.UnescapeString(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	})
}
