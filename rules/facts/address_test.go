package facts

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readAll reads a list and gives what was found, one string for each address: local@domain, "<>" for the null address.
func readAll(s string) ([]string, *listReader) {
	var l listReader
	got := []string{}
	l.yield = func(mb *mailbox) {
		switch {
		case mb.null:
			got = append(got, "<>")
		case mb.at:
			got = append(got, string(mb.local)+"@"+string(mb.domain))
		default:
			got = append(got, string(mb.local))
		}
	}
	l.read([]byte(s))
	return got, &l
}

func TestAddressList(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     []string
		damage   damage
	}{
		{"empty", "", nil, 0},
		{"blank", " \r\n\t", nil, 0},
		{"one", "a@x", []string{"a@x"}, 0},
		{"two", "a@x, b@y", []string{"a@x", "b@y"}, 0},
		{"angle", "A B <a@x>", []string{"a@x"}, 0},
		{"angle alone", "<a@x>,<b@y>", []string{"a@x", "b@y"}, 0},
		{"folded", "A\r\n B <a@x>,\r\n b@y", []string{"a@x", "b@y"}, 0},
		{"quoted name with comma", `"B, A" <a@x>, c@z`, []string{"a@x", "c@z"}, 0},
		{"quoted name with address", `"q@r, s@t" <a@x>`, []string{"a@x"}, 0},
		{"quoted pair", `"a \" b" <a@x>, c@z`, []string{"a@x", "c@z"}, 0},
		{"quoted local part", `"a b"@x, "c@d"@y`, []string{`"a b"@x`, `"c@d"@y`}, 0},
		{"comment", "a@x (b@y, c@z), d@w", []string{"a@x", "d@w"}, 0},
		{"nested comment", "a@x (b (c) \\) d), e@y", []string{"a@x", "e@y"}, 0},
		{"comment inside", "a(b)@(c)x", []string{"a@x"}, 0},
		{"obsolete dots", "a . b @ x . y", []string{"a.b@x.y"}, 0},
		{"empty elements", ",a@x,,b@y,", []string{"a@x", "b@y"}, 0},
		{"group", "g: a@x, B <b@y>;, c@z", []string{"a@x", "b@y", "c@z"}, 0},
		{"empty group", "undisclosed-recipients:;", nil, 0},
		{"route", "<@a,@b:c@d>", []string{"c@d"}, 0},
		{"route with blanks", "X <@a, @b : c@d>, e@f", []string{"c@d", "e@f"}, 0},
		{"literal", "a@[192.0.2.1], b@[IPv6:2001:db8::1]", []string{"a@[192.0.2.1]", "b@[IPv6:2001:db8::1]"}, 0},
		{"encoded word", "=?utf-8?q?A=2C_B?= <a@x>", []string{"a@x"}, 0},
		{"null", "MAILER <>", []string{"<>"}, 0},
		{"eight bit", "\xe4\xf6 <a@x>, \xc3\xa4@y", []string{"a@x", "\xc3\xa4@y"}, 0},

		{"broken in the middle", "a@x, broken, c@x", []string{"a@x", "broken", "c@x"}, 0},
		{"semicolons", "a@x; c@x", []string{"a@x", "c@x"}, semicolon},
		{"semicolon after group", "g:a@x;b@y;", []string{"a@x", "b@y"}, semicolon},
		{"no comma", "a@x b@y", []string{"a@x", "b@y"}, badComma},
		{"no comma, angles", "<a@x> <b@y>", []string{"a@x", "b@y"}, badComma},
		{"no comma, names", "A <a@x> B <b@y> c@z", []string{"a@x", "b@y", "c@z"}, badComma},
		{"no comma before a name", "a@x B <b@y>", []string{"a@x", "b@y"}, badComma},
		{"address as name", "a@x <b@y>", []string{"b@y"}, badPhrase},
		{"stray quote", `"foo <a@x>, b@x`, []string{"a@x", "b@x"}, badQuote},
		{"stray quote before good ones", `"foo <a@x>, "bar" <b@x>, "baz" <c@x>`, []string{"a@x", "b@x", "c@x"}, badQuote},
		{"quote left open at the end", `a@x, "b <b@y>`, []string{"a@x", "b@y"}, badQuote},
		{"open comment", "a@x (b, c@z", []string{"a@x", "c@z"}, badComment | trailing},
		{"closed comment", "a@x), c@z", []string{"a@x", "c@z"}, badComment},
		{"open angle", "A <a@x, b@y", []string{"a@x", "b@y"}, badAngle},
		{"open angle at the end", "A <a@x", []string{"a@x"}, badAngle},
		{"closed angle", "a@x>, b@y", []string{"a@x", "b@y"}, badAngle},
		{"double angle", "A <<a@x>>", []string{"a@x"}, badAngle},
		{"angle in angle", "A <a@x <b@y>", []string{"a@x", "b@y"}, badAngle | badComma},
		{"array", "[a@x, b@y]", []string{"a@x", "b@y"}, badLiteral},
		{"literal as local part", "a@[1], [b]@y", []string{"a@[1]", "[b]@y"}, 0},
		{"open group", "g: a@x, b@y", []string{"a@x", "b@y"}, badGroup},
		{"mailto", "mailto:a@x, <mailto:b@y>", []string{"a@x", "b@y"}, badPhrase | badAngle},
		{"route without colon", "<@a, b@y>", []string{"b@y"}, 0},
		{"quoted as a whole", `"a@x"`, []string{"a@x"}, quotedList},
		{"quoted list", `"a@x, b@y"`, []string{"a@x", "b@y"}, quotedList},
		{"quoted in angle", `"n" <"a@x">`, []string{"a@x"}, quotedList},
		{"blank in angle", "<Some Body@x>", []string{"Some Body@x"}, badAngle},
		{"two at signs", "a@b@c", []string{"a@b@c"}, 0},
		{"no local part", "@x, b@y", []string{"@x", "b@y"}, 0},
		{"no domain", "a@, b@y", []string{"a@", "b@y"}, 0},
		{"words after", "a@x foo, b@y", []string{"a@x", "b@y"}, trailing},
		{"words after angle", "<a@x> foo, b@y", []string{"a@x", "b@y"}, trailing},
		{"names alone", "anna, bert, carl d", []string{"anna", "bert", "carl d"}, 0},
		{"backslash", `a\,b@x`, []string{`a\`, "b@x"}, 0},
		{"comma in encoded word", "=?utf-8?q?A,_B?= <a@x>", []string{"a@x"}, encodedMark},
		{"address in encoded word", "=?utf-8?q?A,b@y,?= <a@x>", []string{"=?utf-8?q?A", "b@y", "a@x"}, 0},
		{"bare carriage return", "a@x,\rb@y", []string{"a@x", "b@y"}, 0},
		{"NUL", "a\x00b@x, c@y", []string{"a\x00b@x", "c@y"}, 0},
		{"unquoted comma in name", "B, A <a@x>", []string{"B", "a@x"}, 0},
		{"unquoted colon in name", "Re: A <a@x>", []string{"a@x"}, badGroup},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == nil {
				test.want = []string{}
			}
			got, l := readAll(test.in)
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("%q: -want +got\n%s", test.in, d)
			}
			if l.damage != test.damage {
				t.Errorf("%q: damage %b (%v), want %b", test.in, l.damage, l.damage, test.damage)
			}
		})
	}
}

func TestAddressGroups(t *testing.T) {
	for in, want := range map[string][2]int{
		"a@x":                            {0, 0},
		"undisclosed-recipients:;":       {1, 1},
		"g: a@x;":                        {1, 0},
		"g:;, h: a@x;, i:(nobody);":      {3, 2},
		"g:":                             {1, 1},
		"g: <>;":                         {1, 1},
		"Undisclosed recipients:;, a@x":  {1, 1},
		"a: b: c@x;":                     {2, 1},
		`"quoted group": a@x, B <b@y> ;`: {1, 0},
	} {
		_, l := readAll(in)
		if got := [2]int{l.groups, l.empty}; got != want {
			t.Errorf("%q: groups, empty groups %v, want %v", in, got, want)
		}
	}
}

func TestDisplayName(t *testing.T) {
	for in, want := range map[string]string{
		"a@x":                               "",
		"a@x (Anna B)":                      "Anna B",
		"Anna B <a@x>":                      "Anna B",
		`"B, Anna" <a@x>`:                   "B, Anna",
		`"Anna \"A\" B" <a@x>`:              `Anna "A" B`,
		"=?utf-8?q?J=C3=BCrgen?= B <a@x>":   "Jürgen B",
		`"=?utf-8?q?J=C3=BCrgen?= B" <a@x>`: "Jürgen B",
		"J\xfcrgen <a@x>":                   "Jürgen",
		"b@y <a@x>":                         "b@y",
		"Anna.B <a@x>":                      "Anna.B",
		"\"Anna\r\n B\" <a@x>":              "Anna B",
	} {
		var l listReader
		var got string
		l.yield = func(mb *mailbox) { got = l.display(mb) }
		l.read([]byte(in))
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestAddressIn(t *testing.T) {
	for name, want := range map[string]string{
		"Anna":                         "",
		"Anna @ work":                  "",
		"anna@x.example":               "",
		"Anna@X.example":               "",
		"billing@bank.example":         "billing@bank.example",
		"'billing@bank.example'":       "billing@bank.example",
		"Bank (billing@Bank.Example.)": "billing@bank.example",
		"me@home and b@y.example":      "b@y.example",
		"a@b@c.example":                "b@c.example",
	} {
		if got := addressIn(name, "anna@x.example"); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestAddressListIsLinear reads a quarter of a megabyte of what makes naive readers quadratic. It has no clock: a reader that is not
// linear makes the test run for hours.
func TestAddressListIsLinear(t *testing.T) {
	for _, piece := range []string{
		`"`, `"\`, `\"`, `"\"`, "(", "(\\", ")", "<", ">", "<>", "@", ",", ";", ":", "[", "[a", "]", "a ", "a@", "@a ", "<@a,", "<@a:", "a:", "=?", "=?a?q?x",
		"=?a?q?x ", "(a)", `"a"`, `"a@b`, "a.", ". ", "<a ", "<a@ :", "\x00", "\xff", `"a@b, c@d" `, "a@x <b@y> ", "\r\n ", "a@x,", `""@`,
	} {
		s := []byte(strings.Repeat(piece, 1<<18/len(piece)))
		var l listReader
		l.yield = func(mb *mailbox) { l.display(mb) }
		l.read(s)
		l.read(append([]byte(`"`), s...))
		l.read(append([]byte(`(`), s...))
	}
}
