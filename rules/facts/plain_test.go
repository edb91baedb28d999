package facts

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/mimesize"
)

// addressView is what the facts take from an address of a list.
type addressView struct {
	Local, Domain, Key, Text, Display, Written, Word string
	At, Angle, Null, Odd                             bool
	Line                                             int64
}

func viewAddress(f *found) addressView {
	v := addressView{Local: f.local, Domain: f.domain.ascii, Key: f.key, Text: f.text(), At: f.at, Line: f.line}
	if f.mb != nil {
		v.Display, v.Word = f.list.display(f.mb), f.list.quotedWord(f.mb)
		v.Angle, v.Null, v.Odd, v.Written = f.mb.angle, f.mb.null, f.mb.route || f.mb.obsolete, string(f.mb.domain)
	}
	return v
}

// readBoth reads a list as a plain one, and with the tolerant reader and the strict parser. plain is false if it is no plain one.
func readBoth(t testing.TB, value string) (fast, slow []addressView, plain bool) {
	t.Helper()
	field := "To:" + value
	var m maker
	m.r, m.size, m.f = strings.NewReader(field), int64(len(field)), New(KindMessage)
	m.res = &mimesize.Result{Parts: []mimesize.Part{{}}}
	f := mimesize.Field{Span: mimesize.Span{Length: int64(len(field)), Line: 7}, Name: 2}
	m.res.Parts[0].Header.Length = int64(len(field))
	var views [][]addressView
	for _, behind := range []string{"", "x.y@z", "_\r\nCc: a@b"} { // from the second round on all domains were looked up lately
		more := []byte(value + behind)
		yes := m.plain(more[:len(value)], more)
		if len(views) > 0 && !yes {
			t.Fatalf("%q before %q is no plain list", value, behind)
		}
		if !yes {
			return nil, nil, false
		}
		var view []addressView
		lines := lineCounter{line: 7}
		for k, it := range m.items {
			m.item(k, &lines)
			if it.nameEnd > it.name {
				m.reader.mb.phrase = m.reader.phraseTokens(it.name, it.nameEnd)
			}
			v := viewAddress(&m.found)
			if name := m.itemName(k); name != v.Display {
				t.Fatalf("%q: the name of address %d is %q, by its words %q", value, k, name, v.Display)
			}
			view = append(view, v)
		}
		views = append(views, view)
	}
	fast = views[0]
	for _, view := range views {
		if diff := cmp.Diff(fast, view); diff != "" {
			t.Fatalf("%q: the first reading (-) and another (+) differ\n%s", value, diff)
		}
	}
	l := &listReader{}
	lines := lineCounter{line: 7}
	var keys []string
	l.yield = func(mb *mailbox) {
		a := address{domain: noDomain}
		if !mb.null {
			a = m.address(mb)
		}
		keys = append(keys, a.key)
		slow = append(slow, viewAddress(&found{address: a, mb: mb, list: l, line: lines.at(l.s, mb.off)}))
	}
	l.read([]byte(value))
	if l.damage != 0 || l.groups != 0 || l.count != len(slow) {
		t.Fatalf("%q: a plain list has damage %v, %d groups, %d addresses", value, l.damage, l.groups, l.count)
	}
	if m.confirm(unfold([]byte(value)), keys, func(a address) { t.Errorf("%q: only the strict parser finds %q", value, a.key) }) {
		t.Fatalf("%q: the strict parser does not read a plain list as %q", value, keys)
	}
	_ = f
	return fast, slow, true
}

func checkPlain(t testing.TB, value string) bool {
	fast, slow, plain := readBoth(t, value)
	if diff := cmp.Diff(slow, fast); diff != "" {
		t.Fatalf("%q: tolerant (-) and plain (+) reading differ\n%s", value, diff)
	}
	return plain
}

// FuzzPlainList: what is read as a plain list is read alike by the tolerant reader and by the strict parser.
func FuzzPlainList(f *testing.F) {
	for _, s := range []string{
		" a@example.com\r\n", " Ann Other <a@example.com>,\r\n\tb@example.net\n", `"Ann, Other" <A.o'Neil@EXAMPLE.com>, <c@d.e>`, " J. Doe <j@x>", "a@b,,c@d",
		"a b@c", `"a"b <c@d>`, "a@b c@d", "a@xn--bcher-kva.example, \u00e4@b", "x:a@b;", "a@b\n", " 'a@b.c'", "=?utf-8?q?a?= <a@b>", "a <b@c> d", "<>",
		" first.last@mail8.org, Abcdefgh.Ijklmnop <Abcdefgh.Ijklmnop.Q@a-b.c_d.example.com>, x+y_z'@sub.dept.corp.example.com", "a.@b.c, .a@b", "a@b/c, d@e/",
		"abcdefgh..ijk@b.c", "abcdefg.@b.c", "abcdefgh.@b.c", "a@abcdefg..b", "a@abcdefgh.", "a@_b", "a@b_, c@d",
		"a@b, ", ". <a@b>", "a..b@c", "a@b.", "a@-b_.c", "(x) a@b", "a\t<b@c>", `""<a@b>`, "a\r <b@c>", "a\n\n <b@c>", "a@b\r\n \r\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) { checkPlain(t, value) })
}

// TestPlainList makes lists of pieces that lie close to where reading becomes hard, and many of which are plain.
func TestPlainList(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	pieces := []string{
		"a", "Bob", "b.c", ".", "@", "example.com", "x-y", "_", "<", ">", ",", " ", " ", "\r\n ", "\n\t", `"q"`, `"a, b"`, "'", "a@b.example", "<c@d.example>",
		" Ann <e@f.example>", ", ", ",", "!#$%&*+-/=?^`{|}~", "1", "\\", "(c)", ":", ";", "[1.2.3.4]", "\u00e9", "=?",
	}
	plain := 0
	for range 300_000 {
		var b strings.Builder
		for range 1 + rng.IntN(8) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		if checkPlain(t, b.String()) {
			plain++
		}
	}
	if plain < 5_000 {
		t.Errorf("only %d lists were plain", plain)
	}
	for _, s := range []string{" a@example.com", "Ann <a@b.example>, c@d.example,\r\n\t\"X, Y\" <e@f.example>\r\n", " J. Doe <J.Doe@EXAMPLE.COM>"} {
		if !checkPlain(t, s) {
			t.Errorf("%q is plain", s)
		}
	}
}

// BenchmarkPlainList compares a list of ten addresses with the same when it has to be read with care.
func BenchmarkPlainList(b *testing.B) {
	var list bytes.Buffer
	list.WriteString("To:")
	for i := range 10 {
		fmt.Fprintf(&list, " Ann Other <ann.other%d@mail%d.example.com>,\r\n", i, i%3)
	}
	for name, tail := range map[string]string{"plain": " z@example.com\r\n", "with care": " z@example.com (Z)\r\n"} {
		b.Run(name, func(b *testing.B) {
			text := list.String() + tail
			m := maker{r: strings.NewReader(text), size: int64(len(text)), f: New(KindMessage), res: &mimesize.Result{Parts: []mimesize.Part{{}}}}
			m.res.Parts[0].Header.Length = int64(len(text))
			f := mimesize.Field{Span: mimesize.Span{Length: int64(len(text)), Line: 1}, Name: 2}
			b.ReportAllocs()
			for b.Loop() {
				m.lists = 0
				if s := m.readList(f, func(*found) {}); s.count != 11 || s.uncertain {
					b.Fatalf("%+v", s)
				}
			}
		})
	}
}
