package facts

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"postern/mimesize"
)

// allSearches measures a plain text by all the searches one after the other.
func (c *contents) allSearches(tp *textPart, text string) {
	var w wordCount
	w.add(text)
	t := &c.f.Text
	t.PlainWords += w.words
	t.Letters += w.letters
	t.Capitals += w.capitals
	tp.addWords(text)
	c.plainPrint.addSlowly(text)
	c.allBareLinks(tp.part, text)
	c.plainPlaceholders(tp.part, text)
	c.leftovers(tp.part, text, anchors{{}}, false)
	if w.words <= maxStubWords {
		c.stub(tp.part, text)
	}
	c.findPhrases(foldText(text))
	t.PostalAddress = t.PostalAddress || hasPostalAddress(text)
}

// allBareLinks is bareLinks, which looks everywhere.
func (c *contents) allBareLinks(part int, text string) {
	row, counted := 0, 0 // text[:counted] holds row line ends
	for i := 0; i < len(text); {
		j := nextURL(text[i:])
		if j < 0 {
			return
		}
		i += j
		if i > 0 && (isLetter(text[i-1]) || isDigit(text[i-1])) {
			i++
			continue
		}
		url := urlAt(text[i:])
		target := url
		if len(url) > 4 && strings.EqualFold(url[:4], "www.") {
			target = "http://" + url
		}
		if u := splitURL(target); u.host != "" {
			row += strings.Count(text[counted:i], "\n")
			counted = i
			c.addURL(at{part: part, row: row}, target, "", &u)
		}
		i += max(len(url), 1)
	}
}

// nextURL gives the place of the next "http://", "https://", "ftp://" or "www.".
func nextURL(s string) int {
	for i := 0; i+4 < len(s); i++ {
		switch s[i] | 0x20 {
		case 'h':
			if hasPrefixFold(s[i:], "http://") || hasPrefixFold(s[i:], "https://") {
				return i
			}
		case 'w':
			if hasPrefixFold(s[i:], "www.") && (isLetter(s[i+4]) || isDigit(s[i+4])) {
				return i
			}
		case 'f':
			if hasPrefixFold(s[i:], "ftp://") {
				return i
			}
		}
	}
	return -1
}

// addSlowly takes in a text, word by word.
func (s *simhash) addSlowly(text string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ">") {
			continue
		}
		if strings.TrimRight(line, "\r\n") == "-- " { // RFC 3676 section 4.3
			return
		}
		for word := range strings.FieldsSeq(line) {
			if h := printWord(word); h != 0 && !s.word(h) {
				return
			}
		}
	}
}

// wordCount counts words, which are runs of characters between white space with a letter or digit among them, and letters.
type wordCount struct {
	words, letters, capitals int
}

func (w *wordCount) add(text string) {
	counted := false
	for _, r := range text {
		if r < utf8.RuneSelf {
			switch b := byte(r); {
			case isLetter(b):
				w.letters++
				if b < 'a' {
					w.capitals++
				}
				counted = true
			case isDigit(b):
				counted = true
			case counted && asciiBlank[b]:
				w.words++
				counted = false
			}
			continue
		}
		switch {
		case unicode.IsLetter(r):
			counted = true
			upper := unicode.IsUpper(r) || unicode.IsTitle(r)
			if upper {
				w.capitals++
			}
			if upper || unicode.IsLower(r) {
				w.letters++
			}
		case unicode.IsNumber(r):
			counted = true
		case counted && unicode.IsSpace(r):
			w.words++
			counted = false
		}
	}
	if counted {
		w.words++
	}
}

// plainFacts gives what a plain text is found to be, in one pass or by all the searches one after the other.
func plainFacts(t testing.TB, text string, onePass bool) string {
	t.Helper()
	mail := "\n" + text
	res, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	c := &contents{maker: &maker{}}
	c.begin(strings.NewReader(mail), int64(len(mail)), res, nil, &Options{})
	c.parts = make([]partInfo, len(res.Parts))
	tp := textPart{}
	if onePass {
		b := []byte(text)
		c.plain(&tp, viewOf(b), true)
		clear(b) // nothing may have been kept of it
	} else {
		c.allSearches(&tp, text)
	}
	c.finish()
	out, err := json.MarshalIndent(c.f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out) + fmt.Sprintf("%v %x", c.unsubscribe, c.plainPrint.print())
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
	return append(all, "\u00a0", "\u2009", "\u0085", "\u00ad", "\u200b", "Gr\u00fc\u00dfe", "\u00c9t\u00e9", "don\u2019t", "\u01c5", "\u0663", "\u4f60\u597d", "\u20ac", "\u2010", "\ufffd",
		"unsub\u00adscribe", "opt\u00a0out", "\u00a0null", "hello\u00a0,", "12\u00a0Main Street\u00a0", "IL\u00a062701", "\u00fcwww.example.com", "\u017f", "\u212a")
}

// TestOnePass: one pass over a text finds what all the searches do.
func TestOnePass(t *testing.T) {
	all := vocabulary()
	for _, s := range all {
		for _, text := range []string{s, " " + s + " ", "x " + s + "\n", s + s, strings.ToUpper(s), "(" + s + ")", "x" + s, s + "x", strings.ReplaceAll(s, " ", " \r\n\t"),
			s + "\u00a0,\n" + strings.Repeat("of ", 30), strings.Repeat("\u3000\u00e4\u00c41\u0661 ", 9) + s + "\u00a0" + s} {
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
				s = strings.ToValidUTF8(s[:rng.IntN(len(s))], "")
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
		if utf8.ValidString(text) {
			checkOnePass(t, text)
		}
	})
}

func FuzzOneLine(f *testing.F) {
	for _, s := range []string{"a b", " a", "a ", "a  b", "a\tb", "\u00a0a", "a\u2009b", " ", "", "\u00a0", " \xa0\x85\xff ", "a \u2028 \u0085 b\u3000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := oneLine(s), strings.Join(strings.Fields(s), " "); got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
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

// TestAddWords holds the words of an alternative against those of a reading word by word.
func TestAddWords(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	all := append(vocabulary(), "http://x.example/y", "a:b", "://", "www.", "wwwx", "x@", "A", "\u00c4", "\u0130")
	for range 3000 {
		var b strings.Builder
		for range rng.IntN(30) {
			b.WriteString(all[rng.IntN(len(all))])
			b.WriteString([]string{" ", "\n", "", "-", "\u00a0", "\u200b"}[rng.IntN(6)])
		}
		text := b.String()
		want := map[string]bool{}
		for word := range strings.FieldsSeq(text) {
			if strings.Contains(word, "://") || strings.HasPrefix(word, "www.") || strings.Contains(word, "@") {
				continue
			}
			run := func(s string) {
				if utf8.RuneCountInString(s) > 1 {
					want[s] = true
				}
			}
			var s strings.Builder
			for _, r := range word {
				switch {
				case unicode.IsLetter(r) && (unicode.IsUpper(r) || unicode.IsTitle(r)):
					s.WriteRune(unicode.ToLower(r))
				case unicode.IsLetter(r), unicode.IsNumber(r):
					s.WriteRune(r)
				case isInvisible(r):
				default:
					run(s.String())
					s.Reset()
				}
			}
			run(s.String())
		}
		tp, other := textPart{words: &wordSet{}}, textPart{words: &wordSet{}}
		tp.addWords(text)
		for s := range want {
			other.addWords(s)
		}
		if tp.words.n != len(want) || len(want) > 0 && shared(other.words, tp.words) != len(want) {
			t.Fatalf("%q: %d words, want %d: %v", text, tp.words.n, len(want), want)
		}
	}
}

// TestHead: the head of a part read at once is that of the decoded part.
func TestHead(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	pieces := []string{"QUJD", "Q", "=", "\n", "\r\n", "*", strings.Repeat("QUJDREVGR0hJSktM", 5) + "\n", strings.Repeat("/+", 300), strings.Repeat(" \n", 200), "x=3D "}
	for range 200 {
		var b strings.Builder
		for range rng.IntN(120) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		for _, encoding := range []string{"base64", "quoted-printable", "7bit"} {
			mail := "Content-Type: image/png\nContent-Transfer-Encoding: " + encoding + "\n\n" + b.String()
			res, err := mimesize.Scan(strings.NewReader(mail))
			if err != nil {
				t.Fatal(err)
			}
			c := newContents()
			c.eol = '\n'
			c.begin(strings.NewReader(mail), int64(len(mail)), res, nil, &Options{})
			want, _ := io.ReadAll(io.LimitReader(c.decoded(&res.Parts[0]), sniffBytes))
			if got := c.head(&res.Parts[0]); string(got) != string(want) {
				t.Fatalf("%s of %q: %d octets, decoded %d", encoding, b.String(), len(got), len(want))
			}
		}
	}
}

// shared counts the words of s that o has too.
func shared(s, o *wordSet) (n int) {
	for _, h := range s.table {
		if h != 0 && *o.place(h) == h {
			n++
		}
	}
	return n
}

// TestVotes holds the fingerprint, of texts up to those that are too long, against counting word by word and bit by bit.
func TestVotes(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 20))
	all := append(vocabulary(), "a", "word", "between", "neighbour", "extraordinarily", "it's", "(so", "x,", "x,y", "--", "-- ", ">", "\u00a0", "\u00c9t\u00e9", "7", strings.Repeat("long", 40))
	blanks := []string{" ", " ", " ", "\n", "\r\n", "  ", "\n\n", "\t", "\v", "\x0e", "\x00", ". ", "\u3000", "\n> ", "\n-- x\n"}
	for _, most := range []int{3, 40, 400, 12_000} {
		for range 12_000 / most {
			var got simhash
			var words []uint64
			for range 3 { // parts
				var b strings.Builder
				for range rng.IntN(most) {
					b.WriteString(all[rng.IntN(len(all))])
					b.WriteString(blanks[rng.IntN(len(blanks))])
				}
				got.add(b.String())
			lines:
				for line := range strings.Lines(b.String()) {
					switch {
					case strings.HasPrefix(line, ">"):
						continue
					case strings.TrimRight(line, "\r\n") == "-- ":
						break lines
					}
					for word := range strings.FieldsSeq(line) {
						if h := printWord(word); h != 0 {
							words = append(words, mix(h))
						}
					}
				}
			}
			words = words[:min(len(words), maxPrint)]
			var counts [64]int
			last := uint64(0)
			for _, h := range words {
				for i := range counts {
					counts[i] += int(mix(last<<1^h) >> i & 1)
				}
				last = h
			}
			want := uint64(0)
			for i, n := range counts {
				if 2*n > len(words) {
					want |= 1 << i
				}
			}
			if got.words != len(words) || got.print() != want || got.print() != want {
				t.Fatalf("%d words, %016x, want %d, %016x", got.words, got.print(), len(words), want)
			}
		}
	}
}

// TestFingerprintStays: what ledgers keep of mail that has been sent is compared with that of mail to come.
func TestFingerprintStays(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("Since the server was reset we have had no report of it, and what they said.\n> as you wrote\n", 5):                      "fd6d3890881c6135",
		strings.Repeat("It's a well-known fact (see https://example.com/a) that \"some\" extraordinarily long words, 7 of them, re-order. ", 3): "577b2c81c2ed3f27",
		strings.Repeat("\u041f\u0440\u0438\u0432\u0435\u0442, \u00c9t\u00e9\u00a0na\u00efve ", 20):                                              "ff336ba6215f375f",
	} {
		var s simhash
		s.add(text)
		if got := s.text(&maker{}); got != want {
			t.Errorf("%.40q: %s, want %s", text, got, want)
		}
	}
}

// BenchmarkFingerprint takes the fingerprint of a letter, and gives how many times as long that takes as finding its words.
func BenchmarkFingerprint(b *testing.B) {
	text := strings.Repeat("since the server was reset we have had no report of it, and what they said\r\nabout the budget is still to be confirmed before the quarterly forecast.\r\n> as you wrote before\r\n\r\n", 14)
	b.SetBytes(int64(len(text)))
	words := time.Duration(0)
	for b.Loop() {
		var s simhash
		s.add(text)
		if s.print() == 0 {
			b.Fatal("no fingerprint")
		}
		t, n := time.Now(), 0
		for range strings.FieldsSeq(text) {
			n++
		}
		words += time.Since(t)
		if n < s.words {
			b.Fatal(n)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed()-words)/float64(words), "ratio")
}
