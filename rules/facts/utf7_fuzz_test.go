package facts

import (
	"testing"
	"unicode/utf8"
)

func FuzzUTF7(f *testing.F) {
	for _, s := range []string{"", "+", "+-", "a+AN8-e", "+2DXcAA-", "+A", "+AAAA+", "\xff+AN\xff", "+//8-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := utf7Text(s)
		if !utf8.ValidString(out) {
			t.Errorf("%q becomes %q, which is no UTF-8", s, out)
		}
		if len(out) > 3*len(s) {
			t.Errorf("%d octets become %d", len(s), len(out))
		}
	})
}
