// Package simhash tells near-identical texts: Charikar's similarity hash of 64 bits, and an index that finds those within three
// bits of each other. It keeps no text.
package simhash

import (
	"math/bits"
	"strings"
	"unicode"
)

// Near is the number of bits in which two hashes may differ for their texts to count as near-identical. With four bands of
// sixteen bits, one band of such a pair is always equal (pigeonhole), so that Index finds every one.
const Near = 3

// MinWords is the number of words below which a text is not compared: short texts are alike by chance.
const MinWords = 20

// maxWords bounds what is hashed of one text.
const maxWords = 20_000

// Hasher takes a text in pieces. The zero value is ready.
type Hasher struct {
	weight [64]int32
	words  int
}

// Add takes a piece of text in. Case, punctuation, white space, numbers, and words with one capital at their beginning play no
// part: what a mailing puts in for each recipient is often only those. The features are single words: with runs of words, the
// name in a greeting would change up to twelve bits of a letter of forty words.
func (h *Hasher) Add(text string) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		if h.words >= maxWords {
			return
		}
		w, first, lower := uint64(offset), true, false
		capital := false
		for _, r := range word {
			if first {
				capital, first = unicode.IsUpper(r) || unicode.IsTitle(r), false
			}
			lower = lower || unicode.IsLower(r)
			w = (w ^ uint64(unicode.ToLower(r))) * prime
		}
		if capital && lower {
			continue
		}
		h.words++
		w = mix(w)
		for i := range h.weight {
			h.weight[i] += int32(w>>i&1)<<1 - 1
		}
	}
}

// Sum gives the hash; ok is false for a text of fewer than MinWords words, which has none.
func (h *Hasher) Sum() (sum uint64, ok bool) {
	if h.words < MinWords {
		return 0, false
	}
	for i, w := range h.weight {
		if w > 0 {
			sum |= 1 << i
		}
	}
	return sum, true
}

// Reset makes h ready for another text.
func (h *Hasher) Reset() { *h = Hasher{} }

// Distance is the number of bits in which two hashes differ.
func Distance(a, b uint64) int { return bits.OnesCount64(a ^ b) }

// FNV-1a over characters, and the finalizer of MurmurHash3: both are the same on every machine, which parts of a run need.
const (
	offset = 14695981039346656037
	prime  = 1099511628211
)

func mix(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// Index finds the first hash within Near bits of another. The zero value is empty.
type Index struct {
	hashes []uint64
	bands  map[uint32][]int32 // by number of the band and its sixteen bits: positions in hashes
}

// Len is the number of hashes in the index.
func (x *Index) Len() int { return len(x.hashes) }

// Find gives the position of the first hash that was added within Near bits of h, or -1.
func (x *Index) Find(h uint64) int {
	best := int32(-1)
	for band := range 4 {
		for _, i := range x.bands[key(h, band)] {
			if best >= 0 && i >= best {
				break // positions grow
			}
			if Distance(x.hashes[i], h) <= Near {
				best = i
				break
			}
		}
	}
	return int(best)
}

// Add puts h into the index and gives its position.
func (x *Index) Add(h uint64) int {
	if x.bands == nil {
		x.bands = map[uint32][]int32{}
	}
	i := len(x.hashes)
	x.hashes = append(x.hashes, h)
	for band := range 4 {
		k := key(h, band)
		x.bands[k] = append(x.bands[k], int32(i))
	}
	return i
}

func key(h uint64, band int) uint32 { return uint32(band)<<16 | uint32(h>>(16*band)&0xffff) }

// Hash64 is a hash of a word that is the same on every machine and in every run.
func Hash64(s string) uint64 {
	h := uint64(offset)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * prime
	}
	return mix(h)
}
