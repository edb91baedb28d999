package facts

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// idnaSays is what newDomain has by package idna alone.
func idnaSays(s string) (ascii, letters string) {
	a, err := idn().ToASCII(s)
	if err != nil || a == "" {
		return s, s
	}
	a = strings.TrimSuffix(a, ".")
	if u, err := idn().ToUnicode(a); err == nil {
		return a, u
	}
	return a, s
}

func samePlainLabels(t *testing.T, s string) bool {
	t.Helper()
	s = strings.TrimSuffix(strings.ToLower(clean(s)), ".")
	ascii, letters, ok := plainLabels(s)
	if !ok || isASCII(s) && !strings.Contains(s, "xn--") {
		return false
	}
	if a, u := idnaSays(s); a != ascii || u != letters {
		t.Errorf("%+q: %q %+q, package idna says %q %+q", s, ascii, letters, a, u)
	}
	return true
}

// Each character by itself, and names of characters of all alphabets and of A-labels, must be read as package idna reads them.
func TestPlainLabels(t *testing.T) {
	plain := 0
	for r := rune(0x80); r < 0x30000; r++ {
		for _, s := range []string{string(r), "a" + string(r) + "b.c"} {
			if samePlainLabels(t, s) {
				plain++
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	pages := []rune{'a', 'a', '0', '-', '.', 0xc0, 0x100, 0x370, 0x3c0, 0x400, 0x5d0, 0x620, 0x900, 0xe00, 0x1100, 0x1e00, 0x3040, 0x4e00, 0xac00, 0x1d400, 0x10400}
	for range 40_000 {
		var b strings.Builder
		page := pages[random.IntN(len(pages))]
		for range 1 + random.IntN(12) {
			if random.IntN(4) == 0 {
				page = pages[random.IntN(len(pages))]
			}
			b.WriteRune(page + rune(random.IntN(1+min(int(page)/40, 120))))
		}
		s := b.String()
		if samePlainLabels(t, s) {
			plain++
		}
		if a, _ := idnaSays(s); samePlainLabels(t, a) {
			plain++
		}
	}
	if plain < 100_000 {
		t.Errorf("only %d names are plain", plain)
	}
}

func FuzzPlainLabels(f *testing.F) {
	for _, s := range []string{"b\u00fccher.example", "xn--bcher-kva.example", "xn--a", "xn--99999999", "xn--a-", "\u00df.de", "xn--zca", "a-\u00fc", "\u0915\u094d\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { samePlainLabels(t, s) })
}
