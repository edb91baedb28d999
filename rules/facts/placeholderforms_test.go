package facts

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// checkForms holds what forms read at the start of a window against their patterns.
func checkForms(t *testing.T, window string) {
	t.Helper()
	for _, p := range placeholderSyntaxes() {
		if p.reads == nil || len(window) < 4 || !strings.HasPrefix(window, p.open) {
			continue
		}
		n, from, to, known := p.reads(window)
		if !known {
			continue
		}
		m := p.form().FindStringSubmatchIndex(window)
		switch {
		case m == nil:
			if n != 0 {
				t.Errorf("%s of %q: %d octets, the pattern finds none", p.name, window, n)
			}
		case p.open == "-" && n != m[3]+1 || p.open != "-" && n != m[1]:
			t.Errorf("%s of %q: %d octets, the pattern finds %v", p.name, window, n, m)
		case p.look != nil && (from != m[2] || to != m[3]):
			t.Errorf("%s of %q: name %q, of the pattern %q", p.name, window, window[from:to], window[m[2]:m[3]])
		}
	}
}

// checkPossible holds what is known of all places of a text against a look at each of them.
func checkPossible(t *testing.T, s string) {
	t.Helper()
	var ahead lookAhead
	ahead.begin(s)
	for i := range len(s) {
		for k := range ahead.syntaxes.all {
			p := &ahead.syntaxes.all[k]
			if p.open[0] != s[i] {
				continue
			}
			window := s[i:min(len(s), i+placeholderWindow)]
			want := strings.HasPrefix(window, p.open) && p.possible(s, i, window)
			if got := ahead.possible(k, i); got != want {
				t.Fatalf("%s at %d of %q: %v, want %v", p.name, i, s, got, want)
			}
		}
	}
}

// possible looks at one place by itself.
func (p *placeholderSyntax) possible(s string, i int, window string) bool {
	if len(window) < 4 {
		return false
	}
	if len(p.open) == 1 && !isLetter(window[1]) && window[1] != ' ' && window[1] != '_' {
		return false
	}
	if p.open == "-" && i > 0 && (wordByte(s[i-1]) || s[i-1] == '-') {
		return false
	}
	rest := window[len(p.open):]
	if line := strings.IndexByte(rest, '\n'); line >= 0 {
		rest = rest[:line]
	}
	end := strings.Index(rest, p.close)
	return end >= 0 && (p.look == nil || end <= maxFieldName)
}

var formPieces = []string{
	"{{", "{{{", "}}", "}}}", "{%", "%}", "[%", "%]", "<%", "%>", "*|", "|*", "%%", "%", "${", "}", "#{", "{", "[[", "]]", "[", "]", "__", "##", "@@", "$", "<", ">", "-", "#", "/", "^", "&", "!", "~", "+", "=",
	" ", "\t", "\n", "\r", "\f", "\v", "@", ".", ",", ";", ":", "|", "'", "\"", "(", ")", "?", "_", "name", "FNAME", "first_name", "Name1", "if", "else", "each", "end", "for", "endfor", "IF", "END", "FILTER html", "user.name",
	"recipient.", "recipient.x", "data:", "var:", "INSERT ", "INSERT name", "object Object", "x.each", "x", "9", "\u00e9", "\u2019", "\x80", "\x00", "-x", "a-b", strings.Repeat("n", 30), strings.Repeat("\u00fc", 20), strings.Repeat("x", 70),
}

func TestPlaceholderForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	all := placeholderSyntaxes()
	for range 150_000 {
		var b strings.Builder
		p := &all[rng.IntN(len(all))]
		b.WriteString(p.open)
		for range rng.IntN(7) {
			b.WriteString(formPieces[rng.IntN(len(formPieces))])
		}
		if rng.IntN(4) > 0 {
			b.WriteString(p.close)
		}
		for range rng.IntN(3) {
			b.WriteString(formPieces[rng.IntN(len(formPieces))])
		}
		checkForms(t, cut(b.String(), placeholderWindow))
	}
	for range 4_000 {
		var b strings.Builder
		for range rng.IntN(60) {
			b.WriteString(formPieces[rng.IntN(len(formPieces))])
		}
		checkPossible(t, b.String())
	}
}

func FuzzPlaceholderForms(f *testing.F) {
	for _, p := range placeholderSyntaxes() {
		for _, s := range formPieces {
			f.Add(p.open + s + p.close)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkForms(t, s[:min(len(s), placeholderWindow)])
		checkPossible(t, s)
	})
}

// TestGreetingEnd: greetingEnd finds what greeting does.
func TestGreetingEnd(t *testing.T) {
	pieces := []string{"dear", "Hello", "hi", "HEY", "hallo", "bonjour", "hola", " ", "  ", "\n", "\t", "mr", "Mr.", "mrs. ", "ms ", "MS.", ".", "undefined", "null", "None", "nan", "NIL", ",", "!", ":", "x", "\u00a0", "\u00e9"}
	rng := rand.New(rand.NewPCG(21, 22))
	found := 0
	for range 300_000 {
		var b strings.Builder
		for range rng.IntN(9) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		s, want := b.String(), 0
		if m := greeting().FindStringIndex(s); m != nil {
			want = m[1]
			found++
		}
		if got := greetingEnd(s); got != want {
			t.Fatalf("%q: %d, want %d", s, got, want)
		}
	}
	if found == 0 {
		t.Error("no greeting was made")
	}
}
