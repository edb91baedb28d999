package auditor

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"postern/cmd/internal/audit"
)

// TestIsPlain holds isPlain, which looks at eight octets at a time, against the library.
func TestIsPlain(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	alphabet := []byte("az@.0[`A Z\x00\x7f\x80\xc3\xbc")
	var yes, no int
	for range 20_000 {
		b := make([]byte, random.IntN(40))
		few := alphabet[:1+random.IntN(len(alphabet))]
		for i := range b {
			b[i] = few[random.IntN(len(few))]
		}
		s := string(b)
		if random.IntN(50) == 0 {
			s = strings.Repeat(s, 20)
		}
		ascii := len(s) <= audit.MaxText && utf8.RuneCountInString(s) == len(s) && utf8.ValidString(s)
		for _, lower := range []bool{false, true} {
			want := ascii && (!lower || strings.ToLower(s) == s)
			if got := isPlain(s, lower); got != want {
				t.Fatalf("%q (lower %v): %v, want %v", s, lower, got, want)
			}
			if want {
				yes++
			} else {
				no++
			}
		}
	}
	if yes < 1000 || no < 1000 {
		t.Errorf("%d plain texts and %d others: too few", yes, no)
	}
}
