package facts

import (
	"math/bits"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// maxWordSet bounds the different words that are kept of one alternative.
const maxWordSet = 20_000

// wordSet holds the hashes of different words: an open table, at most half full, of which 0 is an empty place.
type wordSet struct {
	n     int
	table []uint64

	// of is the set that this one is only compared with, nil if that is not known: few words are kept then, and no more are read
	// once so many of both are common that the texts are alike.
	of     *wordSet
	common *wordSet
	runs   int // words that were read, each as often as it occurs
}

// differ tells whether fewer than a third of the words of plain are in s.
func (s *wordSet) differ(plain *wordSet) bool {
	if s.of == plain {
		return !s.alike()
	}
	return !plain.sharesThird(s)
}

// alike tells whether enough words of the set that s is compared with were met in s.
func (s *wordSet) alike() bool { return s.of != nil && 3*s.common.n >= s.of.n }

func (s *wordSet) add(h uint64) {
	if s.n >= maxWordSet {
		return
	}
	if s.of != nil {
		h = max(h, 1)
		s.runs++
		if *s.of.place(h) == h {
			s.common.add(h)
		}
		if s.n >= minAlternativeWords {
			return
		}
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

// sharesThird tells whether o has a third of the words of s.
func (s *wordSet) sharesThird(o *wordSet) bool {
	n := 0
	for _, h := range s.table {
		if h != 0 && *o.place(h) == h {
			if n++; 3*n >= s.n {
				return true
			}
		}
	}
	return 3*n >= s.n
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
	s.n, s.of, s.common, s.runs = 0, nil, nil, 0
	return s
}

// wordsOf gives the set for the words of text part i, which is in an alternative. more tells that not all of the part was read.
func (c *contents) wordsOf(i int, isHTML, more bool) *wordSet {
	around := &c.parts[c.parts[i].alternative]
	if !isHTML {
		s := c.wordSet()
		if around.plains++; around.plains == 1 {
			around.plain = s
		}
		return s
	}
	if around.plains > 1 || around.lastPlain > i {
		return c.wordSet() // compared with more than one
	}
	if around.plains == 0 || around.plain.n < minAlternativeWords || more {
		return nil // compared with none
	}
	s := c.wordSet()
	s.common, s.of = c.wordSet(), around.plain
	return s
}

// addWords takes the words of a text into the set of an alternative: runs of two or more letters and digits, in lower case. An
// address of the web is left out: it is in the text of one alternative and in an attribute of the other.
func (tp *textPart) addWords(text string) {
	s := tp.words
	if s == nil {
		return
	}
	s.read(text)
	if s.of != nil && s.runs > maxWordSet {
		// There may be words beyond those that are kept.
		clear(s.table)
		s.n, s.of = 0, nil
		s.read(text)
	}
}

// read is addWords.
func (s *wordSet) read(text string) {
	if strings.IndexByte(text, '@') < 0 && !strings.Contains(text, "://") && !strings.Contains(text, "www.") {
		s.addRuns(text)
		return
	}
	for word := range strings.FieldsSeq(text) {
		if !strings.Contains(word, "://") && !strings.HasPrefix(word, "www.") && strings.IndexByte(word, '@') < 0 {
			s.addRuns(word)
		}
		if s.alike() {
			return
		}
	}
}

// addRuns takes in the runs of two or more letters and digits of a text that has no address.
func (s *wordSet) addRuns(text string) {
	octets := octetsOf(text)
	for i := 0; i < len(octets); {
		// In ASCII, eight octets at a time.
		begin, h := i, uint64(wordSeed)
		for {
			v := load(octets, i)
			number := (v + (0x80-'0')*ones) &^ (v + (0x7f-'9')*ones)
			lower := v | 0x20*ones
			n := bits.TrailingZeros64(^(number|lettersOf(lower))&highBits) >> 3
			if n == 0 {
				break
			}
			h = hashLetters(h, lower&(^uint64(0)>>(64-8*n)))
			if i += n; n < 8 {
				break
			}
		}
		if i < len(octets) && octets[i] >= utf8.RuneSelf {
			i = begin + s.addRun(text[begin:])
			continue
		}
		if i-begin > 1 {
			if s.add(h); s.of != nil && s.alike() {
				return
			}
		}
		i++
	}
}

// addRun takes in the run that a text begins with, and gives its length with the character behind it.
func (s *wordSet) addRun(text string) int {
	h, n, end := uint64(wordSeed), 0, len(text)
	var chunk uint64 // up to eight octets of the run in UTF-8
	k := 0
run:
	for i, r := range text {
		var f runeFacts
		if r >= utf8.RuneSelf {
			f = factsOf(r)
		}
		switch {
		case r < utf8.RuneSelf && (isLetter(byte(r)) || isDigit(byte(r))):
			r |= 0x20
		case f.letter:
			if f.upper || f.title {
				r = f.lower
			}
		case f.number:
		case r >= utf8.RuneSelf && isInvisible(r):
			continue
		default:
			_, size := utf8.DecodeRuneInString(text[i:])
			end = i + size
			break run
		}
		n++
		var b [utf8.UTFMax]byte
		for _, c := range b[:utf8.EncodeRune(b[:], r)] {
			chunk |= uint64(c) << (8 * k)
			if k++; k == 8 {
				h, chunk, k = hashLetters(h, chunk), 0, 0
			}
		}
	}
	if k > 0 {
		h = hashLetters(h, chunk)
	}
	if n > 1 {
		s.add(h)
	}
	return end
}
