package facts

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWordSet bounds the different words that are kept of one alternative.
const maxWordSet = 20_000

// wordSet holds the hashes of different words: an open table, at most half full, of which 0 is an empty place.
type wordSet struct {
	n     int
	table []uint64
}

func (s *wordSet) add(h uint64) {
	if s.n >= maxWordSet {
		return
	}
	if 2*s.n >= len(s.table) {
		old := s.table
		s.table = make([]uint64, max(2*len(old), 512))
		for _, h := range old {
			if h != 0 {
				*s.place(h) = h
			}
		}
	}
	h = max(h, 1)
	if p := s.place(h); *p == 0 {
		*p = h
		s.n++
	}
}

// place gives where h is, or belongs.
func (s *wordSet) place(h uint64) *uint64 {
	for i := h * setSeed >> 32; ; i++ {
		if p := &s.table[i&uint64(len(s.table)-1)]; *p == h || *p == 0 {
			return p
		}
	}
}

// shared counts the words of s that o has too.
func (s *wordSet) shared(o *wordSet) (n int) {
	for _, h := range s.table {
		if h != 0 && *o.place(h) == h {
			n++
		}
	}
	return n
}

// setSeed makes the places in a table unknown to those who choose the words.
var setSeed = rand.Uint64() | 1

// wordSet gives an empty set. It serves the next message too.
func (c *contents) wordSet() *wordSet {
	if c.sets++; c.sets > len(c.wordSets) {
		c.wordSets = append(c.wordSets, &wordSet{})
	}
	s := c.wordSets[c.sets-1]
	if len(s.table) > maxKeptOctets/64 {
		s.table = nil
	}
	clear(s.table)
	s.n = 0
	return s
}

// addWords takes the words of a text into the set of an alternative: runs of two or more letters and digits, in lower case. An
// address of the web is left out: it is in the text of one alternative and in an attribute of the other.
func (tp *textPart) addWords(text string) {
	s := tp.words
	if s == nil {
		return
	}
	for word := range strings.FieldsSeq(text) {
		if strings.Contains(word, "://") || strings.HasPrefix(word, "www.") || strings.IndexByte(word, '@') >= 0 {
			continue
		}
		h, n := uint64(fnvOffset), 0
		for _, r := range word {
			switch {
			case r < utf8.RuneSelf && (isLetter(byte(r)) || isDigit(byte(r))):
				if isUpper(byte(r)) {
					r |= 0x20
				}
			case r < utf8.RuneSelf:
				if n > 1 {
					s.add(h)
				}
				h, n = fnvOffset, 0
				continue
			case unicode.IsLetter(r):
				if unicode.IsUpper(r) || unicode.IsTitle(r) {
					r = unicode.ToLower(r)
				}
			case unicode.IsNumber(r):
			case isInvisible(r):
				continue
			default:
				if n > 1 {
					s.add(h)
				}
				h, n = fnvOffset, 0
				continue
			}
			h = (h ^ uint64(r)) * fnvPrime
			n++
		}
		if n > 1 {
			s.add(h)
		}
	}
}

// FNV-1a over characters; a collision makes two words one, which no fact here minds.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)
