package facts

import (
	"encoding/binary"
	"hash/maphash"
)

// textSet holds different texts, each with what is known of it. Most messages have few addresses: those are looked through if one
// might be there, and more than that are found by a hash.
type textSet struct {
	list  []textEntry
	marks uint64  // of the hashes in list, as long as there is no table
	hash  uint32  // of the text that was looked up last
	table []int32 // for the hash of a text its place in list, from 1; at most half full, empty for a short list
}

type textEntry struct {
	text string
	hash uint32
	bits uint8
}

// maxKeptTexts is the number of texts that there is room for in what is kept for the next message: as many as of any kind are told apart,
// so that mail which is made to have so many does not cost as much memory each time.
const maxKeptTexts = 16 << 10

// maxThrough is the number of texts up to which looking through them is faster than looking them up.
const maxThrough = 16

// textSeed makes the places in a table unknown to those who choose the texts.
var textSeed = maphash.MakeSeed()

// find gives the place of a text in list, -1 for one that is not in the set.
func (s *textSet) find(text string) int {
	if len(s.table) == 0 {
		s.hash = quickHash(text)
		if s.marks>>(s.hash&63)&1 != 0 {
			for i := range s.list {
				if e := &s.list[i]; e.hash == s.hash && e.text == text {
					return i
				}
			}
		}
		return -1
	}
	s.hash = uint32(maphash.String(textSeed, text))
	return int(s.table[s.place(s.hash, text)]) - 1
}

// quickHash hashes some of a text. Whoever chooses the texts can have them all hash alike.
func quickHash(text string) uint32 {
	b, n := octetsOf(text), len(text)
	h := uint64(n)
	if n >= 8 {
		h += binary.LittleEndian.Uint64(b)*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(b[(n-8)/2:])*0xc2b2ae3d27d4eb4f ^ binary.LittleEndian.Uint64(b[n-8:])
	} else {
		h += loadLast(b)
	}
	return uint32(h * 0x9e3779b97f4a7c15 >> 32)
}

// place gives where in table a text is, or belongs.
func (s *textSet) place(h uint32, text string) uint32 {
	mask := uint32(len(s.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := s.table[i]
		if n == 0 || s.list[n-1].hash == h && s.list[n-1].text == text {
			return i
		}
	}
}

// add adds the text that was looked up last, and is not in the set.
func (s *textSet) add(text string, bits uint8) {
	s.list = append(s.list, textEntry{text: text, hash: s.hash, bits: bits})
	switch n := len(s.list); {
	case n <= maxThrough:
		s.marks |= 1 << (s.hash & 63)
	case 2*n > len(s.table):
		s.grow()
	default:
		s.table[s.place(s.hash, text)] = int32(n)
	}
}

// grow puts all texts into a table that is at most a quarter full.
func (s *textSet) grow() {
	size := 8 * maxThrough
	for size < 4*len(s.list) {
		size *= 2
	}
	if s.table = s.table[:0]; cap(s.table) >= size {
		s.table = s.table[:size]
		clear(s.table)
	} else {
		s.table = make([]int32, size)
	}
	for i := range s.list {
		e := &s.list[i]
		e.hash = uint32(maphash.String(textSeed, e.text))
		s.table[s.place(e.hash, e.text)] = int32(i + 1)
	}
}

// reset empties the set. It keeps not too much of its memory.
func (s *textSet) reset() {
	if s.table = s.table[:0]; cap(s.table) > 4*maxKeptTexts {
		s.table = nil
	}
	if cap(s.list) > 2*maxKeptTexts {
		s.list = nil
	}
	clear(s.list)
	s.list, s.marks = s.list[:0], 0
}
