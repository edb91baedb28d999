package audit

import (
	"math/bits"

	"postern/rules/facts"
)

// prints finds the first fingerprint that is near another: that differs from it in at most facts.SimilarBits. The zero value is
// empty.
//
// As long as there are few it looks at all. Of more it knows those that have the same sixteen bits in one of the four places: of two
// that are near, at least one such band differs in two bits or fewer (pigeonhole).
type prints struct {
	all   []uint64
	bands []band // nil, or four
}

// band lists fingerprints by the sixteen bits that they have in one place. Lists end with 0, and hold numbers from 1.
type band struct {
	first [1 << 16]int32
	next  []int32 // of each fingerprint: the one before it in its list
}

// maxScanned is the number of fingerprints that are looked at one by one: it takes as long as looking them up.
const maxScanned = 4096

// nearBits are all sixteen bits of which at most two are set.
var nearBits = func() (all []uint16) {
	all = append(all, 0)
	for i := range 16 {
		all = append(all, 1<<i)
		for j := range i {
			all = append(all, 1<<i|1<<j)
		}
	}
	return all
}()

// find gives the position of the first fingerprint near h, or -1.
func (x *prints) find(h uint64) int {
	if x.bands == nil {
		for i, o := range x.all {
			if bits.OnesCount64(o^h) <= facts.SimilarBits {
				return i
			}
		}
		return -1
	}
	best := int32(len(x.all) + 1)
	for k := range x.bands {
		b := &x.bands[k]
		key := uint16(h >> (16 * k))
		for _, m := range nearBits {
			for i := b.first[key^m]; i != 0; i = b.next[i-1] {
				if i < best && bits.OnesCount64(x.all[i-1]^h) <= facts.SimilarBits {
					best = i
				}
			}
		}
	}
	if int(best) > len(x.all) {
		return -1
	}
	return int(best) - 1
}

// add takes h in and gives its position.
func (x *prints) add(h uint64) int {
	x.all = append(x.all, h)
	n := len(x.all)
	switch {
	case x.bands != nil:
		x.list(n)
	case n > maxScanned:
		x.bands = make([]band, 4)
		for i := range n {
			x.list(i + 1)
		}
	}
	return n - 1
}

// reset makes x empty, and keeps its memory.
func (x *prints) reset() {
	x.all = x.all[:0]
	for k := range x.bands {
		clear(x.bands[k].first[:])
		x.bands[k].next = x.bands[k].next[:0]
	}
}

// list puts fingerprint i into the lists of its bands.
func (x *prints) list(i int) {
	for k := range x.bands {
		b := &x.bands[k]
		first := &b.first[uint16(x.all[i-1]>>(16*k))]
		b.next = append(b.next, *first)
		*first = int32(i)
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
