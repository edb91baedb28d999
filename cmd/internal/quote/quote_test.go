package quote

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain text.eml", "plain text.eml"},
		{"Grüße, 世界 👋", "Grüße, 世界 👋"},
		{"\x1b[31mred", `\u{1b}[31mred`},
		{"a\nb\r\tc", `a\u{a}b\u{d}\u{9}c`},
		{"\x7f\u0085\u009b2J", `\u{7f}\u{85}\u{9b}2J`},
		{"invoice\u202efdp.exe", `invoice\u{202e}fdp.exe`},
		{"a\u2028b\u2029c", `a\u{2028}b\u{2029}c`},
		{"zero\u200bwidth\ufeff", `zero\u{200b}width\u{feff}`},
		{"iso\u2066late\u2069", `iso\u{2066}late\u{2069}`},
		{"tag\U000e0041", `tag\u{e0041}`},
		{"latin\xe9", `latin\x{e9}`},
		{"�", "�"}, // a replacement character that is really there
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestShort(t *testing.T) {
	if got := Short("äöüß", 3); got != "äöü..." {
		t.Errorf("cut text is %q", got)
	}
	if got := Short("äöü", 3); got != "äöü" {
		t.Errorf("text of just the length is %q", got)
	}
}

func TestJSONKeepsMeaning(t *testing.T) {
	in := "a\u202eb\u009bc\U000e0041\x7f\u200b\x1b[0m\nä"
	b, err := json.Marshal(map[string]string{"s": in})
	if err != nil {
		t.Fatal(err)
	}
	out := JSON(b)
	for _, r := range string(out) {
		if Unsafe(r) {
			t.Errorf("%q still holds %U", out, r)
		}
	}
	var back map[string]string
	if err := json.Unmarshal(out, &back); err != nil {
		t.Fatal(err)
	}
	if back["s"] != in {
		t.Errorf("read back %q, want %q", back["s"], in)
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[2Jb\xff\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		q := Text(s)
		if !utf8.ValidString(q) {
			t.Fatalf("%q is not UTF-8", q)
		}
		if i := strings.IndexFunc(q, Unsafe); i >= 0 {
			t.Fatalf("Text(%q) = %q holds an unsafe character at %d", s, q, i)
		}
		if Text(q) != q {
			t.Fatalf("Text is not stable on %q", q)
		}
	})
}
