package audit

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"postern/rules/facts"
)

// TestPrints holds the index against looking at everything, with few fingerprints and with many.
func TestPrints(t *testing.T) {
	var x prints
	var all []uint64
	rng := rand.New(rand.NewPCG(1, 2))
	found := map[bool]int{}
	for i := range 6 * maxScanned {
		h := rng.Uint64()
		if i > 0 && i%2 == 0 {
			h = all[rng.IntN(len(all))]
			for range rng.IntN(facts.SimilarBits + 4) {
				h ^= 1 << rng.IntN(64)
			}
			if i%8 == 0 { // only the last band shows that these are near
				h = all[rng.IntN(len(all))]
				for k := range printBands - 1 {
					n := rng.IntN(bandBits)
					h ^= (1<<n | 1<<((n+1+rng.IntN(bandBits-1))%bandBits)) << (k * bandBits)
				}
			}
		}
		want := firstNearX(all, h)
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
		if again := x.find(h); again != want && (want >= 0 || again != len(all)-1) {
			t.Fatalf("%016x once more: %d, and %d before", h, again, want)
		}
	}
	if found[false] < 400 || found[true] < 400 {
		t.Errorf("only %v were found", found)
	}
}

// TestPrintsAreBounded holds those that are made to lie in one place of most bands, so that many are near each other there and far in
// the whole, against looking at everything; also after a reset.
func TestPrintsAreBounded(t *testing.T) {
	var x prints
	for round := range 2 {
		var all []uint64
		rng := rand.New(rand.NewPCG(3, uint64(round)))
		given := false
		for i := range 4 * maxScanned {
			h := crowded(rng)
			if i%2 == 1 {
				h = all[rng.IntN(len(all))] ^ 1<<rng.IntN(64)
			}
			want := firstNearX(all, h)
			if got := x.find(h); got != want {
				t.Fatalf("%016x among %d: found %d, want %d", h, len(all), got, want)
			}
			if x.done > 0 {
				_, ok := x.lookUp(h)
				given = given || !ok
			}
			all = append(all, h)
			x.add(h)
		}
		if !given {
			t.Error("no lookup was given up")
		}
		x.reset()
		if got := x.find(all[len(all)-1]); got != -1 {
			t.Errorf("one is found among none, at %d", got)
		}
	}
}

// firstNear looks at one after the other, as find would do without lists.
func firstNearX(all []uint64, h uint64) int {
	return slices.IndexFunc(all, func(o uint64) bool { return bits.OnesCount64(o^h) <= facts.SimilarBits })
}

// crowded gives a fingerprint that has the bits of all others but for those of one band, and the halves of two.
func crowded(rng *rand.Rand) uint64 { return rng.Uint64() >> 43 << 20 }

// BenchmarkPrints looks for one among many, of chance or made to lie in one place, and gives how many times as long that takes as
// looking at one after the other.
func BenchmarkPrints(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
		made func(*rand.Rand) uint64
	}{{"few", maxScanned, (*rand.Rand).Uint64}, {"many", maxCampaigns, (*rand.Rand).Uint64}, {"crowded", maxCampaigns, crowded}} {
		b.Run(c.name, func(b *testing.B) {
			var x prints
			rng := rand.New(rand.NewPCG(1, 2))
			for range c.n {
				x.add(c.made(rng))
			}
			// What is looked for is near none. In most bands a crowd has the same bits as it.
			far := func() uint64 {
				for {
					h := c.made(rng)
					if c.name == "crowded" {
						h ^= 0xfffff
					}
					if x.find(h) < 0 {
						return h
					}
				}
			}
			each := time.Duration(0)
			for b.Loop() {
				h := far()
				t := time.Now()
				for i, o := range x.all {
					if bits.OnesCount64(o^h) <= facts.SimilarBits {
						b.Fatal(i)
					}
				}
				each += time.Since(t)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.Elapsed()-each)/float64(each), "ratio")
		})
	}
}
