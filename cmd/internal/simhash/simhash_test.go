package simhash

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const letter = "Dear reader, we are glad to tell you that the shop in the old town is open again from Monday to Saturday, and that every visitor " +
	"gets a cup of coffee and a piece of cake while the new catalogue lasts. There is no need to make an appointment, but groups of more than " +
	"ten people are asked to call the day before, so that there are chairs enough. We look forward to your visit and wish you a good summer."

func sum(t *testing.T, text string) uint64 {
	t.Helper()
	var h Hasher
	h.Add(text)
	s, ok := h.Sum()
	if !ok {
		t.Fatalf("no hash of %q", text)
	}
	return s
}

func TestNearTexts(t *testing.T) {
	a := sum(t, letter)
	for _, text := range []string{
		strings.ReplaceAll(letter, " ", "\r\n\t "), strings.ReplaceAll(letter, ",", ""), letter + " 12345",
	} {
		if b := sum(t, text); b != a {
			t.Errorf("%d bits differ for what is the same text: %.60q", Distance(a, b), text)
		}
	}
	for _, name := range []string{"Ada Lovelace", "Bob", "Charles Babbage", "Dr. Grace Hopper", "Eve", "Fran\u00e7ois Vi\u00e8te"} {
		if d := Distance(sum(t, "Dear Zoe, "+letter), sum(t, "Dear "+name+", "+letter)); d > Near {
			t.Errorf("%d bits differ for %s", d, name)
		}
	}
	if d := Distance(a, sum(t, strings.Repeat("something else that nobody has written to a reader before today ", 9))); d < 12 {
		t.Errorf("only %d bits differ for another text", d)
	}
	var pieces Hasher
	for _, w := range strings.SplitAfter(letter, " ") {
		pieces.Add(w)
	}
	if b, _ := pieces.Sum(); b != a {
		t.Error("a text in pieces has another hash")
	}
	var short Hasher
	short.Add("Thank you very much")
	if _, ok := short.Sum(); ok {
		t.Error("a short text has a hash")
	}
}

// TestIndex holds the index against looking at everything.
func TestIndex(t *testing.T) {
	var x Index
	var all []uint64
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	for i := range 3000 {
		h := rng.Uint64()
		if i > 0 && i%2 == 0 {
			h = all[rng.IntN(len(all))]
			for range rng.IntN(6) {
				h ^= 1 << rng.IntN(64)
			}
		}
		want := -1
		for k, o := range all {
			if Distance(o, h) <= Near {
				want = k
				break
			}
		}
		if got := x.Find(h); got != want {
			t.Fatalf("%016x: found %d, want %d", h, got, want)
		}
		if want < 0 {
			all = append(all, h)
			if got := x.Add(h); got != len(all)-1 {
				t.Fatalf("place %d, want %d", got, len(all)-1)
			}
		} else {
			found++
		}
	}
	if found < 500 || x.Len() != len(all) {
		t.Error(fmt.Sprint(found, " found, ", x.Len(), " kept"))
	}
}
