package audit

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"postern/rules/facts"
)

// TestPrints holds the index against looking at everything, with few fingerprints and with many.
func TestPrints(t *testing.T) {
	var x prints
	var all []uint64
	rng := rand.New(rand.NewPCG(1, 2))
	found := map[bool]int{}
	for i := range 3 * maxScanned {
		h := rng.Uint64()
		if i > 0 && i%2 == 0 {
			h = all[rng.IntN(len(all))]
			for range rng.IntN(facts.SimilarBits + 4) {
				h ^= 1 << rng.IntN(64)
			}
		}
		want := -1
		for k, o := range all {
			if bits.OnesCount64(o^h) <= facts.SimilarBits {
				want = k
				break
			}
		}
		if got := x.find(h); got != want {
			t.Fatalf("%016x among %d: found %d, want %d", h, len(all), got, want)
		}
		if want < 0 {
			all = append(all, h)
			if got := x.add(h); got != len(all)-1 {
				t.Fatalf("place %d, want %d", got, len(all)-1)
			}
		} else {
			found[x.bands != nil]++
		}
	}
	if found[false] < 500 || found[true] < 500 {
		t.Errorf("only %v were found", found)
	}
}

func BenchmarkPrints(b *testing.B) {
	for name, n := range map[string]int{"few": maxScanned, "many": maxCampaigns} {
		b.Run(name, func(b *testing.B) {
			var x prints
			rng := rand.New(rand.NewPCG(1, 2))
			for range n {
				x.add(rng.Uint64())
			}
			for b.Loop() {
				x.find(rng.Uint64())
			}
		})
	}
}
