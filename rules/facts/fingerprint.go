package facts

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SimilarBits is in how many bits the fingerprints of texts may differ that count as nearly the same. In 3.3 million pairs of real
// mail hardly any of unrelated texts differ in fewer, and a short mailing with other names in it differs in up to 10.
const SimilarBits = 10

const (
	// minPrint is the number of words below which a text is too short to be told from others.
	minPrint = 30
	// maxPrint bounds the words of a text that are read.
	maxPrint = 10_000
)

// simhash takes the fingerprint of a text: 64 bits, of which texts that share most of their pairs of words share most
// (Charikar, Similarity estimation techniques from rounding algorithms, 2002).
//
// What differs from one message of a mailing to the next is left out as far as it can be known: numbers, addresses and all words
// with digits in them, the lines that a reply quotes, and what follows the mark of a signature.
type simhash struct {
	words int
	last  uint64
	votes votes
}

// word takes in the hash of a word. It is false when no more are wanted.
func (s *simhash) word(h uint64) bool {
	if s.words++; s.words > maxPrint {
		return false
	}
	s.votes.add(mix(s.last<<1 ^ h))
	s.last = h
	return true
}

// add takes in the words of a text in UTF-8.
func (s *simhash) add(text string) {
	octets := octetsOf(text)
	printed := true   // this line
	lineStart := true // text[i] is the first octet of a line
	for i := 0; i < len(octets); {
		b := octets[i]
		if asciiBlank[b] {
			if lineStart = b == '\n'; lineStart {
				printed = true
			}
			i++
			continue
		}
		if lineStart {
			// What a reply quotes, and what follows the mark of a signature (RFC 3676 section 4.3), is no part of the fingerprint.
			if b == '>' {
				printed = false
			} else if b == '-' && isMark(text[i:]) {
				return
			}
		}
		lineStart = false
		// Most words are letters, and at the most a mark after them: eight octets at a time.
		end, h := i, uint64(wordSeed)
		for {
			v := load(octets, end) | 0x20*ones
			n := bits.TrailingZeros64(^lettersOf(v)&highBits) >> 3
			if n == 0 {
				break
			}
			h = hashLetters(h, v&(^uint64(0)>>(64-8*n)))
			if end += n; n < 8 {
				break
			}
		}
		if end > i {
			if end < len(octets) && plainMark[octets[end]] {
				end++
			}
			if end == len(octets) || asciiBlank[octets[end]] {
				if printed && !s.word(mix(h)) {
					return
				}
				i = end
				continue
			}
		}
		from := i
		i = printedEnd(text, i)
		if printed {
			if h := printWord(text[from:i]); h != 0 && !s.word(h) {
				return
			}
		}
	}
}

// printedEnd gives the end of the word that begins at text[i]: one character of white space, or up to the next.
func printedEnd(text string, i int) int {
	for from := i; i < len(text); i++ {
		b := text[i]
		if asciiBlank[b] {
			break
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if factsOf(r).space {
				if i == from {
					return i + size
				}
				break
			}
			i += size - 1
		}
	}
	return i
}

// isMark tells whether text begins with the line "-- ".
func isMark(text string) bool {
	rest, ok := strings.CutPrefix(text, "-- ")
	line, _, _ := strings.Cut(rest, "\n")
	return ok && strings.Trim(line, "\r") == ""
}

// plainMark are octets behind a word that mean nothing more there.
var plainMark = [256]bool{',': true, '.': true, ';': true, ':': true, '!': true, '?': true, ')': true, '"': true, '\'': true}

// text gives the fingerprint, "" for too few words.
func (s *simhash) text() string {
	if s.words < minPrint {
		return ""
	}
	const digits = "0123456789abcdef"
	h := s.votes.majority()
	var b [16]byte
	for i := range b {
		b[i] = digits[h>>(60-4*i)&15]
	}
	return string(b[:])
}

// Print gives the fingerprint as a number, to be compared with others in its bits; false if there is none.
func (t *Text) Print() (uint64, bool) {
	if len(t.Fingerprint) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(t.Fingerprint, 16, 64)
	return n, err == nil
}

// printWord hashes the letters of a word, in lower case. It is 0 for what is no word.
func printWord(word string) uint64 {
	h, letters := uint64(wordSeed), false
	var chunk uint64 // up to eight octets of the letters in UTF-8
	n := 0
	for _, r := range word {
		if r < utf8.RuneSelf {
			switch c := byte(r); {
			case isLetter(c):
				chunk |= uint64(c|0x20) << (8 * n)
				if n++; n == 8 {
					h, chunk, n = hashLetters(h, chunk), 0, 0
				}
				letters = true
			case isDigit(c), c == '@', c == '/' && letters:
				return 0
			}
			continue
		}
		switch f := factsOf(r); {
		case f.letter:
			var b [utf8.UTFMax]byte
			for _, c := range b[:utf8.EncodeRune(b[:], f.lower)] {
				chunk |= uint64(c) << (8 * n)
				if n++; n == 8 {
					h, chunk, n = hashLetters(h, chunk), 0, 0
				}
			}
			letters = true
		case f.number:
			return 0
		}
	}
	if !letters {
		return 0
	}
	if n > 0 {
		h = hashLetters(h, chunk)
	}
	return mix(h)
}

// wordSeed is the hash of no letters, to which hashLetters adds eight octets, or the last of them.
const wordSeed = 0xf519f86ee2385b72

func hashLetters(h, octets uint64) uint64 {
	h = (h ^ octets) * 0xff51afd7ed558ccd
	return h ^ h>>32
}

// mix spreads the bits of a hash (the finalizer of SplitMix64).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// votes counts for each of 64 bits how many of the hashes added have it. Four hashes are added at a time, and only what is worth
// four goes on to counters: an octet for each bit, and in time a number.
type votes struct {
	n       int // hashes added
	waiting [4]uint64
	one     uint64 // what is worth one and two
	two     uint64
	four    [8]uint64 // of bit 8*k+i octet k of four[i]
	fours   int
	sums    [64]int32
}

func (v *votes) add(h uint64) {
	v.waiting[v.n&3] = h
	if v.n++; v.n&3 != 0 {
		return
	}
	one, a := carry(v.one, v.waiting[0], v.waiting[1])
	one, b := carry(one, v.waiting[2], v.waiting[3])
	two, c := carry(v.two, a, b)
	v.one, v.two = one, two
	for i := range v.four {
		v.four[i] += c >> i & ones
	}
	if v.fours++; v.fours == 255 {
		v.flush()
	}
}

// carry adds three bits in each place.
func carry(a, b, c uint64) (sum, carry uint64) {
	x := a ^ b
	return x ^ c, a&b | x&c
}

func (v *votes) flush() {
	for i := range v.four {
		for k := range 8 {
			v.sums[8*k+i] += 4 * int32(v.four[i]>>(8*k)&0xff)
		}
	}
	v.four, v.fours = [8]uint64{}, 0
}

// majority gives the bits that more than half of the hashes have.
func (v *votes) majority() (h uint64) {
	v.flush()
	for i, n := range v.sums {
		n += int32(v.one>>i&1) + 2*int32(v.two>>i&1)
		for _, w := range v.waiting[:v.n&3] {
			n += int32(w >> i & 1)
		}
		if 2*int(n) > v.n {
			h |= 1 << i
		}
	}
	return h
}
