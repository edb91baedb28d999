package audit

import (
	"math/bits"

	"postern/rules/facts"
)

// prints finds the first fingerprint that is near another: that differs from it in at most facts.SimilarBits. The zero value is
// empty.
//
// The last it looks at one by one. Of those before them it looks at the ones that differ little in one of six bands of bits: two that
// are near differ in at most one bit of one of the first five, or not at all in the last (pigeonhole: if not, they differ in at least
// eleven bits). Nothing in it is a pointer that a collector of garbage follows.
type prints struct {
	all   []uint64
	bands *[printBands]printBand // nil if none are listed
	done  int                    // of all: how many are listed
	known [256]knownPrint        // by their first bits, those that were looked for last
}

// knownPrint is a fingerprint and the position of the first near it, which stays the first whatever is added.
type knownPrint struct {
	print uint64
	place int // from 1; 0 is none
}

// printBand lists fingerprints by the bits that they have in one place, those with the same in their order.
type printBand struct {
	list []uint16              // positions in all
	ends [1 << bandBits]uint16 // in list, of those with the same bits
}

const (
	// maxScanned is the number of fingerprints that are looked at one by one: it takes less time than to list them.
	maxScanned = 512

	printBands = 6
	bandBits   = 11
	lastBits   = 64 - (printBands-1)*bandBits
)

// Those that differ in at least two bits of the first five bands and one of the last are not near.
var _ [2*(printBands-1) + 1 - (facts.SimilarBits + 1)]struct{}

var _ [1<<16 - 1 - maxCampaigns]struct{} // a position has room

// find gives the position of the first fingerprint near h, or -1.
func (x *prints) find(h uint64) int {
	k := &x.known[h>>56]
	if k.print != h || k.place == 0 {
		*k = knownPrint{h, x.search(h) + 1}
	}
	return k.place - 1
}

// search is find without what is known.
func (x *prints) search(h uint64) int {
	if len(x.all)-x.done > maxScanned {
		x.arrange()
	}
	from := 0
	if x.done > 0 {
		i, ok := x.lookUp(h)
		if i >= 0 {
			return i
		}
		if ok {
			from = x.done
		}
	}
	if i := firstNear(x.all[from:], h); i >= 0 {
		return from + i
	}
	return -1
}

// firstNear gives the position of the first near h in a list, or -1.
//
//go:noinline
func firstNear(list []uint64, h uint64) int {
	for i, o := range list {
		if bits.OnesCount64(o^h) <= facts.SimilarBits {
			return i
		}
	}
	return -1
}

// firstOf gives the first of some positions in all whose fingerprint is near h, if it is before best; or best.
//
//go:noinline
func firstOf(all []uint64, places []uint16, h uint64, best int) int {
	for _, i := range places {
		if bits.OnesCount64(all[i]^h) <= facts.SimilarBits {
			return min(best, int(i))
		}
	}
	return best
}

// lookUp gives the position of the first of those that are listed near h, or -1. It is false if so many have the same bits that it takes
// less time to look at all.
func (x *prints) lookUp(h uint64) (i int, ok bool) {
	best, looked := x.done, 0
	for k := range x.bands {
		b := &x.bands[k]
		key, other := keyOf(h, k), 1<<bandBits
		if k == printBands-1 {
			other = 1
		}
		for other > 0 {
			other >>= 1
			same := (key ^ other) & (1<<bandBits - 1)
			from, to := 0, int(b.ends[same])
			if same > 0 {
				from = int(b.ends[same-1])
			}
			looked += to - from
			best = firstOf(x.all, b.list[from:to], h, best)
		}
		if looked > x.done {
			return -1, false
		}
	}
	if best == x.done {
		return -1, true
	}
	return best, true
}

// keyOf gives the bits of a fingerprint in band k.
func keyOf(h uint64, k int) int {
	if k == printBands-1 {
		return int(h >> (64 - lastBits))
	}
	return int(h >> (bandBits * k) & (1<<bandBits - 1))
}

// add takes h in and gives its position.
func (x *prints) add(h uint64) int {
	x.all = append(x.all, h)
	if k := &x.known[h>>56]; k.print == h && k.place == 0 {
		k.place = len(x.all)
	}
	return len(x.all) - 1
}

// reset makes x empty, and keeps its memory.
func (x *prints) reset() {
	x.all, x.done = x.all[:0], 0
	clear(x.known[:])
	if x.bands != nil {
		for k := range x.bands {
			clear(x.bands[k].ends[:])
		}
	}
}

// arrange lists those that are not.
func (x *prints) arrange() {
	if x.bands == nil {
		x.bands = new([printBands]printBand)
	}
	for k := range x.bands {
		x.bands[k].add(x.all, x.done, k)
	}
	x.done = len(x.all)
}

// add lists all from number done on in band k.
func (b *printBand) add(all []uint64, done, k int) {
	if need := len(all); need > len(b.list) {
		room := 2 * need
		if need < maxCampaigns && room > maxCampaigns {
			room = maxCampaigns
		}
		list := make([]uint16, room)
		copy(list, b.list[:done])
		b.list = list
	}
	var more [1 << bandBits]uint16
	for _, h := range all[done:] {
		more[keyOf(h, k)]++
	}
	// Those that are listed make room, the last first.
	left, from := len(all)-done, done
	for key := len(more) - 1; key >= 0 && left > 0; key-- {
		to := from
		if from = 0; key > 0 {
			from = int(b.ends[key-1])
		}
		end := to + left
		left -= int(more[key])
		b.ends[key] = uint16(end)
		more[key] = uint16(end) - more[key]
		copy(b.list[from+left:], b.list[from:to])
	}
	for i, h := range all[done:] {
		at := &more[keyOf(h, k)]
		b.list[*at] = uint16(done + i)
		*at++
	}
}

// Label is a hash of a text that is the same on every machine and in every run, which parts of a run need.
func Label(s string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	// FNV's high bits hardly depend on the last octets (the finalizer of MurmurHash3).
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
