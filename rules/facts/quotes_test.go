package facts

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestQuotes: what is known of places asked for before changes no answer.
func TestQuotes(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	for range 200 {
		var b strings.Builder
		for range rng.IntN(40) {
			b.WriteString([]string{">", "\n", "x", "\n>", strings.Repeat("y", 990), strings.Repeat(">", 15)}[rng.IntN(6)])
		}
		text := b.String()
		q := quotes{text: text}
		for i := 0; i < len(text); {
			from := max(0, i-1000)
			want := strings.HasPrefix(text[strings.LastIndexByte(text[from:i], '\n')+1+from:], ">")
			if got := q.holds(i); got != want {
				t.Fatalf("at %d of %q: %v, want %v", i, text, got, want)
			}
			switch rng.IntN(12) {
			case 0:
				i = rng.IntN(len(text))
			case 1:
				i = max(0, i-rng.IntN(30))
			default:
				i += rng.IntN(40)
			}
			if rng.IntN(400) == 0 {
				break
			}
		}
	}
}
