package facts

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestWordsCompared: a set that is only compared with another tells what one with all words does.
func TestWordsCompared(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	text := func(from, words, different int) string {
		var b strings.Builder
		for range words {
			w := from + rng.IntN(different)
			switch rng.IntN(12) {
			case 0:
				fmt.Fprintf(&b, "W\u00f6rd%d, ", w)
			case 1:
				fmt.Fprintf(&b, "https://www.example.com/%d word%d\n", w, w)
			default:
				fmt.Fprintf(&b, "word%d ", w)
			}
		}
		return b.String()
	}
	seen := map[bool]int{}
	check := func(plain, html string) {
		t.Helper()
		p, all := textPart{words: &wordSet{}}, textPart{words: &wordSet{}}
		p.addWords(plain)
		all.addWords(html)
		quick := textPart{words: &wordSet{of: p.words, common: &wordSet{}}}
		quick.addWords(html)
		if p.words.n < minAlternativeWords {
			return
		}
		compared := func(s *wordSet) bool { return s.n >= minAlternativeWords && s.differ(p.words) }
		if got, want := compared(quick.words), compared(all.words); got != want {
			t.Fatalf("%.200q and %.200q differ: %v, want %v", plain, html, got, want)
		}
		seen[compared(all.words)]++
	}
	for range 3000 {
		n := 1 + rng.IntN(100)
		check(text(0, 30+rng.IntN(100), n+20), text(rng.IntN(2*n), rng.IntN(150), n))
	}
	// More words than are kept, before those that are common, and behind them.
	for _, order := range []bool{true, false} {
		common := text(0, 100, 60)
		var b strings.Builder
		for i := range maxWordSet {
			fmt.Fprintf(&b, "other%d ", i)
		}
		if order {
			check(common, common+b.String())
		} else {
			check(common, b.String()+common)
		}
	}
	if seen[true] == 0 || seen[false] == 0 {
		t.Fatalf("only one of both was seen: %v", seen)
	}
}
