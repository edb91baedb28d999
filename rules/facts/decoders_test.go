package facts

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"postern/rules/facts/decoders"
)

func init() { Use(decoders.Library{}) }

// The short way to read a list of addresses finds what the strict parser finds, where it finds anything.
func FuzzSimpleList(f *testing.F) {
	for _, s := range []string{
		"a@b.example", " A B <a@b> , \"x, y\" <c.d@e.f>,g@h", "a@b,", ",a@b", "a b@c", "a@b c@d", "a.@b", "a@b.", `"a\"b" <c@d>`, `"" <a@b>`, "<a@b>",
		"a@b <c@d>", `"x"y <a@b>`, "x\"y\" <a@b>", "=?utf-8?q?=C3=BC?= <a@b>", "=?x?b?!!?= <a@b>", "J. Smith <a@b>", ".. <a@b>", "a(c)@b", "é <a@b>", "g:a@b;", "a@[1.2.3.4]", "a\\b <c@d>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, ok := simpleList(s)
		if !ok {
			return
		}
		want, err := decoders.Library{}.AddressList(s)
		if err != nil || !slices.Equal(list, want) {
			t.Errorf("%q: %q, the strict parser has %q, %v", s, list, want, err)
		}
	})
}

// What most messages have needs no decoder.
func TestSimpleListReadsUsualLists(t *testing.T) {
	for s, want := range map[string]int{
		"Alice <alice@example.com>": 1, "bob@example.net, \"Carol, C.\" <carol@example.org>,\td.e+f@x-y.example": 3, "=?utf-8?q?J=C3=BCrgen?= <j@example.org>": 1,
		"": 0, "a@b, broken": 0, `"a\"b" <c@d>`: 0, "undisclosed-recipients:;": 0,
	} {
		if list, ok := simpleList(s); ok != (want > 0) || len(list) != want {
			t.Errorf("%q: %q, %v", s, list, ok)
		}
	}
}

// The charsets that need no decoder read as the decoder has them.
func TestPlainCharsets(t *testing.T) {
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	read := func(d Decoders, name string) string {
		t.Helper()
		r, err := d.Charset(name, bytes.NewReader(all[:]))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return string(text)
	}
	l := decoders.Library{}
	for _, name := range []string{"iso-8859-1", "iso-8859-15", "windows-1252"} {
		if plainCharset(name) == nil || read(none{}, name) != read(l, name) || !l.KnownCharset(name) {
			t.Errorf("%s is read in two ways", name)
		}
	}
	if lacking.Load() {
		t.Error("a decoder was wanted")
	}
}

// FuzzPlainTypes holds that a file whose type needs no decoder has the type that the decoder says, whatever comes after its beginning.
func FuzzPlainTypes(f *testing.F) {
	for i := range plainTypes {
		f.Add(i, []byte("1.7\n%\xe2\xe3"))
		f.Add(i, []byte("ftypqt  <html><?xml"))
		f.Add(i, bytes.Repeat([]byte{0}, 600))
	}
	f.Fuzz(func(t *testing.T, i int, rest []byte) {
		p := plainTypes[uint(i)%uint(len(plainTypes))]
		head := append(bytes.Clone(p.begin), rest...)
		if want := (decoders.Library{}).MediaType(head); want != p.name || (none{}).MediaType(head) != want {
			t.Errorf("%q is %s, not %s", head, want, p.name)
		}
	})
}
