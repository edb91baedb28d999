package facts

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestCSSNames: a sheet that grows is found to hold what a search from its start to its end finds.
func TestCSSNames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	some := func(n int, of string) string {
		var b strings.Builder
		for range n {
			b.WriteByte(of[random.IntN(len(of))])
		}
		return b.String()
	}
	found, sorted := 0, 0
	for range 300 {
		var n cssNames
		var sheet []byte
		for range 30 {
			if of := "ab.{ "; random.IntN(8) > 0 {
				sheet = append(sheet, some(random.IntN(400), of[:2+random.IntN(4)])...)
			} else {
				sheet = append(sheet, strings.Repeat("c", random.IntN(3000))...)
			}
			for range 10 {
				class := some(random.IntN(14), "aabb.{c"[:2+random.IntN(6)])
				want := strings.Contains(string(sheet), "."+class)
				if got := n.has(sheet, class); got != want {
					t.Fatalf("%d octets, %q: found %v, want %v", len(sheet), class, got, want)
				}
				if want {
					found++
				}
				if n.size > 0 {
					sorted++
				}
			}
		}
	}
	if found < 1000 || sorted < 1000 {
		t.Errorf("%d classes were found, %d asked of a sheet in order", found, sorted)
	}
}
