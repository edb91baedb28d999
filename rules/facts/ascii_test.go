package facts

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/mimesize"
)

// plainFacts gives what a plain text in ASCII is found to be, in one pass or by all the searches one after the other.
func plainFacts(t testing.TB, text string, onePass bool) string {
	t.Helper()
	mail := "\n" + text
	res, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	c := &contents{}
	c.maker = &c.own
	c.begin(strings.NewReader(mail), int64(len(mail)), res, nil, &Options{})
	c.parts = make([]partInfo, len(res.Parts))
	tp := textPart{}
	if onePass {
		c.plainASCII(&tp, []byte(text))
	} else {
		c.plain(&tp, text)
	}
	c.finish()
	out, err := json.MarshalIndent(c.f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + fmt.Sprintf("%v %x", c.unsubscribe, c.plainPrint.votes.majority())
}

func checkOnePass(t testing.TB, text string) {
	t.Helper()
	if diff := cmp.Diff(plainFacts(t, text, false), plainFacts(t, text, true)); diff != "" {
		t.Fatalf("%q: all searches (-) and one pass (+) find different things\n%s", text, diff)
	}
}

// vocabulary is what texts are made of that hold what is looked for, or nearly.
func vocabulary() (all []string) {
	for _, p := range phrases {
		all = append(all, p.any...)
	}
	all = append(all, optOut...)
	all = append(all, salutations...)
	all = append(all, literalTexts...)
	all = append(all, literalDates...)
	all = append(all, literalWords...)
	all = append(all, fillerTexts...)
	all = append(all, todoWords...)
	all = append(all, stubs...)
	for _, p := range placeholderPairs {
		all = append(all, p[0], p[1])
	}
	for _, s := range placeholderSyntaxes() {
		for _, name := range []string{"name", "first_name", "FNAME", "user.name", "INSERT NAME", "object Object", " EMAIL "} {
			all = append(all, s.open+name+s.close)
		}
	}
	all = append(all, "http://example.com/null?x=undefined", "https://", "www.example.com", "ftp://x", "12 Main Street", "Springfield, IL 62701", "SW1A 1AA", "K1A 0B1",
		"P.O. Box 12", "Postfach 12", "D-12345 Berlin", "Hauptstr. 5", "10115", "Dear null,", "hello undefined!", "none", "nil", "Invalid Date", "> ", "\n> ", "\n-- \n",
		"begin 644 x\nM", "a", "to", "be", "no", "as", "letters", "Somewhat", "longerthaneight", "x1", "a@b.c", "don't", "$", "$5", "100%", "-", "--", "\x00", "\x01", "\x7f", "\v", "\f")
	return slices.DeleteFunc(all, func(s string) bool { return !isASCII(s) })
}

// TestOnePass: one pass over a text in ASCII finds what all the searches do.
func TestOnePass(t *testing.T) {
	all := vocabulary()
	for _, s := range all {
		for _, text := range []string{s, " " + s + " ", "x " + s + "\n", s + s, strings.ToUpper(s), "(" + s + ")", "x" + s, s + "x", strings.ReplaceAll(s, " ", " \r\n\t")} {
			checkOnePass(t, text)
		}
	}
	rng := rand.New(rand.NewPCG(7, 8))
	for range 4000 {
		var b strings.Builder
		for range 1 + rng.IntN(80) {
			s := all[rng.IntN(len(all))]
			switch rng.IntN(8) {
			case 0:
				s = strings.ToUpper(s)
			case 1:
				s = s[:rng.IntN(len(s))]
			case 2:
				s = string(rune(rng.IntN(128))) + s
			case 3:
				s = strings.ReplaceAll(s, " ", "\r\n")
			}
			b.WriteString(s)
			b.WriteString([]string{" ", " ", " ", "\n", "\r\n", ", ", ".\n", "", "-", "/"}[rng.IntN(10)])
		}
		checkOnePass(t, b.String())
	}
}

func FuzzOnePass(f *testing.F) {
	for _, s := range vocabulary() {
		f.Add("x " + s + "\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		if isASCII(text) {
			checkOnePass(t, text)
		}
	})
}

// The charsets of which octets under 128 are taken for ASCII are charsets that say so.
func TestASCIIAsItIs(t *testing.T) {
	var b []byte
	for c := range byte(128) {
		b = append(b, c)
	}
	for name := range asciiAsItIs() {
		if d := toUTF8(name, b, false); d.text != string(b) || d.guessed || d.invalid || name != "" && !knownCharset(name) {
			t.Errorf("%q: %+v", name, d)
		}
	}
	for _, name := range []string{"utf-7", "iso-2022-jp", "utf-16", "ebcdic", "hz-gb-2312"} {
		if asciiAsItIs.has(name) {
			t.Errorf("%s is not ASCII", name)
		}
	}
}

// The decoders of what is there as a whole are those of what is read piece by piece.
func TestAppendDecoded(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	qp := []string{"=", "=3D", "=\n", "=\r\n", " ", "\t", "\n", "\r\n", "\r", "x", "=4", "=zz", " =\n", "= \n", "text of a line", "=C3=BC"}
	b64 := []string{"QUJD", "Q", "=", "==", "\n", "\r\n", "*", "QUJDREVGR0hJSktM", "/+", " "}
	for range 20_000 {
		for e, pieces := range map[mimesize.Encoding][]string{mimesize.EncodingQuotedPrintable: qp, mimesize.EncodingBase64: b64} {
			var s strings.Builder
			for range rng.IntN(12) {
				s.WriteString(pieces[rng.IntN(len(pieces))])
			}
			for _, eol := range []byte{'\n', '\r'} {
				var want strings.Builder
				buf := make([]byte, 1+rng.IntN(20))
				r := transferReader(e, eol, strings.NewReader(s.String()))
				for {
					n, err := r.Read(buf)
					want.Write(buf[:n])
					if err != nil {
						break
					}
				}
				got := appendBase64(nil, []byte(s.String()))
				if e == mimesize.EncodingQuotedPrintable {
					got = appendQP(nil, []byte(s.String()), eol)
				}
				if string(got) != want.String() {
					t.Fatalf("%v of %q: %q, piece by piece %q", e, s.String(), got, want.String())
				}
			}
		}
	}
}
