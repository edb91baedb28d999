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
}

// printBand lists fingerprints by the bits that they have in one place.
type printBand struct {
	// Each is turned so that the band comes first, and has its number in place of the first sixteen bits.
	list []uint64
	ends [1 << bandBits]uint16 // in list, of those with the same bits
}

const (
	// maxScanned is the number of fingerprints that are looked at one by one: it takes less time than to list them.
	maxScanned = 1024

	printBands = 6
	bandBits   = 11
	lastBits   = 64 - (printBands-1)*bandBits
	atOnce     = 4 // fingerprints
)

// Those that differ in at least two bits of the first five bands and one of the last are not near.
var _ [2*(printBands-1) + 1 - (facts.SimilarBits + 1)]struct{}

var _ [1<<16 - 1 - maxCampaigns]struct{} // the number of one has room

// find gives the position of the first fingerprint near h, or -1.
func (x *prints) find(h uint64) int {
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
	for ; from+atOnce <= len(x.all); from += atOnce {
		o := (*[atOnce]uint64)(x.all[from:])
		if min(bits.OnesCount64(o[0]^h), bits.OnesCount64(o[1]^h), bits.OnesCount64(o[2]^h), bits.OnesCount64(o[3]^h)) <= facts.SimilarBits {
			break
		}
	}
	for i, o := range x.all[from:] {
		if bits.OnesCount64(o^h) <= facts.SimilarBits {
			return from + i
		}
	}
	return -1
}

// lookUp gives the position of the first of those that are listed near h, or -1. It is false if so many have the same bits that it takes
// less time to look at all.
func (x *prints) lookUp(h uint64) (i int, ok bool) {
	best, looked := x.done, 0
	for k := range x.bands {
		b := &x.bands[k]
		turned := bits.RotateLeft64(h, -bandBits*k)
		key, other := keyOf(turned, k), 1<<bandBits
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
			// Some more are looked at than have the same bits: that does no harm.
			for ; from < to; from += atOnce {
				o := (*[atOnce]uint64)(b.list[from:])
				if min(bits.OnesCount64((o[0]^turned)>>16), bits.OnesCount64((o[1]^turned)>>16),
					bits.OnesCount64((o[2]^turned)>>16), bits.OnesCount64((o[3]^turned)>>16)) <= facts.SimilarBits {
					best = x.first(o, h, best)
				}
			}
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

// first gives the position of the first of o near h, if it is before best; or best.
func (x *prints) first(o *[atOnce]uint64, h uint64, best int) int {
	for _, o := range o {
		if i := int(uint16(o)); i < best && bits.OnesCount64(x.all[i]^h) <= facts.SimilarBits {
			best = i
		}
	}
	return best
}

// keyOf gives the bits of band k, to which a fingerprint was turned.
func keyOf(turned uint64, k int) int {
	if k == printBands-1 {
		return int(turned & (1<<lastBits - 1))
	}
	return int(turned & (1<<bandBits - 1))
}

// add takes h in and gives its position.
func (x *prints) add(h uint64) int {
	x.all = append(x.all, h)
	return len(x.all) - 1
}

// reset makes x empty, and keeps its memory.
func (x *prints) reset() {
	x.all, x.done = x.all[:0], 0
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
	if need := len(all) + atOnce; need > len(b.list) {
		room := 2 * need
		if need < maxCampaigns+atOnce && room > maxCampaigns {
			room = maxCampaigns + atOnce
		}
		list := make([]uint64, room)
		copy(list, b.list[:done])
		b.list = list
	}
	var more [1 << bandBits]uint16
	for _, h := range all[done:] {
		more[keyOf(bits.RotateLeft64(h, -bandBits*k), k)]++
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
		turned := bits.RotateLeft64(h, -bandBits*k)
		at := &more[keyOf(turned, k)]
		b.list[*at] = turned&^0xffff | uint64(done+i)
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
