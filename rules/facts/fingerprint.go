package facts

import (
	"encoding/binary"
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
	words   int
	waiting [16]uint64 // hashes of words, before mix, that have not voted
	last    uint64     // the hash of the last word that has
	votes   votes
}

// word takes in the hash of a word, before mix. It is false when no more are wanted.
func (s *simhash) word(h uint64) bool {
	if s.words == maxPrint {
		return false
	}
	s.waiting[s.words&15] = h
	if s.words++; s.words&15 == 0 {
		s.vote(&s.votes, &s.waiting, 16)
	}
	return true
}

// vote makes pairs of the first n of sixteen words, and has them vote.
func (s *simhash) vote(v *votes, words *[16]uint64, n int) {
	var pairs [16]uint64
	last := s.last
	for i, h := range words[:n] {
		h = mix(h)
		pairs[i] = mix(last<<1 ^ h)
		last = h
	}
	s.last = last
	v.add(&pairs)
}

// add takes in the words of a text in UTF-8: 64 octets at a time, with a bit for each in masks of those that are letters, and blanks.
// Most words are letters, and at the most a mark behind them.
func (s *simhash) add(text string) {
	if s.words == maxPrint {
		return
	}
	octets := octetsOf(text)
	var hashes [64]uint64 // those that wait, and at most 32 of these octets
	n := copy(hashes[:], s.waiting[:s.words&15])
	voted := s.words - n
	var tail [72]byte
	for i, more := 0, true; more && i < len(octets); {
		// A word begins at i, or white space is there.
		block := &tail
		if i+len(tail) <= len(octets) {
			block = (*[72]byte)(octets[i:])
		} else {
			for k := copy(tail[:], octets[i:]); k < len(tail); k++ {
				tail[k] = ' '
			}
		}
		letters, blanks := masksOf((*[64]byte)(block[:]))
		letters &^= 1 << 63 // what reaches this far may go on
		begins := ^blanks & (blanks<<1 | 1)
		// Added to a run of letters, a bit of the one that begins a word carries to the octet behind the run.
		ends := (begins&letters+letters)&^letters | begins&^letters
		odd := ends &^ blanks // words that have other than letters in them
		for marks := odd &^ begins; marks != 0; marks &= marks - 1 {
			if to := bits.TrailingZeros64(marks) & 63; plainMark[block[to]] && blanks>>(to+1)&1 != 0 {
				odd &^= 1 << to
			}
		}
		next := i + 64
		for {
			plain := ends & (odd&-odd - 1)
			for ; plain != 0; plain &= plain - 1 {
				at, to := bits.TrailingZeros64(begins)&63, bits.TrailingZeros64(plain)&63
				begins &= begins - 1
				h := uint64(wordSeed)
				for ; to-at > 8; at += 8 {
					h = hashLetters(h, binary.LittleEndian.Uint64(block[at:])|0x20*ones)
				}
				v := binary.LittleEndian.Uint64(block[at&63:]) | 0x20*ones
				hashes[n&63] = hashLetters(h, v&(^uint64(0)>>((8*(at-to))&63)))
				n++
			}
			if odd == 0 {
				break
			}
			at := bits.TrailingZeros64(begins)
			if odd == 1<<63 && at > 0 {
				next = i + at
				break
			}
			end, h, ok := oddWord(text, i+at)
			if h != 0 {
				hashes[n&63] = h
				n++
			}
			if !ok || end-i >= 64 || end < len(octets) && !asciiBlank[octets[end]] {
				next, more = end, ok
				break
			}
			left := ^uint64(0) << (end - i)
			begins &= left
			ends &= left << 1
			odd &= left << 1
		}
		i = next
		for ; n >= 16; n = copy(hashes[:], hashes[16:n]) {
			s.vote(&s.votes, (*[16]uint64)(hashes[:]), 16)
			if voted += 16; voted == maxPrint {
				s.words = maxPrint
				return
			}
		}
	}
	s.words = voted + n
	copy(s.waiting[:], hashes[:n])
}

// masksOf gives a bit for each octet that is an ASCII letter, or asciiBlank.
func masksOf(block *[64]byte) (letters, blanks uint64) {
	for k := 0; k < 64; k += 8 {
		v := binary.LittleEndian.Uint64(block[k:])
		ascii := ^v & highBits
		v &^= highBits
		lower := v | 0x20*ones
		letters |= bitsOf(((0x80+'z')*ones-lower)&(lower+(0x80-'a')*ones)&ascii) << k
		// 9 to 13, and 32
		blanks |= bitsOf((((0x80+13)*ones-v)&(v+(0x80-9)*ones)|((0x80+32)*ones-v)&(v+(0x80-32)*ones))&ascii) << k
	}
	return letters, blanks
}

// oddWord gives the end of any word, which begins at text[i], and its hash, before mix, or 0. It is false at the end of what is of
// interest. What a reply quotes, and what follows the mark of a signature (RFC 3676 section 4.3), is no part of the fingerprint.
func oddWord(text string, i int) (end int, h uint64, ok bool) {
	if i == 0 || text[i-1] == '\n' {
		switch text[i] {
		case '>':
			n := strings.IndexByte(text[i:], '\n')
			return i + n, 0, n >= 0
		case '-':
			if isMark(text[i:]) {
				return i, 0, false
			}
		}
	}
	end = printedEnd(text, i)
	return end, printWord(text[i:end]), true
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
func (s *simhash) text(m *maker) string {
	if s.words < minPrint {
		return ""
	}
	const digits = "0123456789abcdef"
	h := s.print()
	var b [16]byte
	for i := range b {
		b[i] = digits[h>>(60-4*i)&15]
	}
	return m.keep(viewOf(b[:]))
}

// print gives the fingerprint, whatever the number of words.
func (s *simhash) print() uint64 {
	v, last := s.votes, s.last
	s.vote(&v, &s.waiting, s.words&15)
	s.last = last
	return v.majority(s.words)
}

// Print gives the fingerprint as a number, to be compared with others in its bits; false if there is none.
func (t *Text) Print() (uint64, bool) {
	if len(t.Fingerprint) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(t.Fingerprint, 16, 64)
	return n, err == nil
}

// printWord hashes the letters of a word, in lower case, but for mix. It is 0 for what is no word.
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
	return h
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

// votes counts for each of 64 bits how many of the hashes added have it: of the numbers, as of any in binary, there is a word of 64
// bits for each digit.
type votes [14]uint64

var _ [1<<len(votes{}) - 1 - maxPrint]struct{} // they can be counted

// add takes in sixteen hashes.
func (v *votes) add(h *[16]uint64) {
	one, a := carry(v[0], h[0], h[1])
	one, b := carry(one, h[2], h[3])
	one, c := carry(one, h[4], h[5])
	one, d := carry(one, h[6], h[7])
	two, e := carry(v[1], a, b)
	two, f := carry(two, c, d)
	one, a = carry(one, h[8], h[9])
	one, b = carry(one, h[10], h[11])
	one, c = carry(one, h[12], h[13])
	one, d = carry(one, h[14], h[15])
	two, a = carry(two, a, b)
	two, b = carry(two, c, d)
	four, c := carry(v[2], e, f)
	four, d = carry(four, a, b)
	v[0], v[1], v[2] = one, two, four
	v[3], a = carry(v[3], c, d)
	for i := 4; a != 0; i++ {
		v[i], a = v[i]^a, v[i]&a
	}
}

// carry adds three bits in each place.
func carry(a, b, c uint64) (sum, carry uint64) {
	x := a ^ b
	return x ^ c, a&b | x&c
}

// majority gives the bits that more than half of n hashes have.
func (v *votes) majority(n int) (more uint64) {
	same := ^uint64(0) // the digits down to here are those of n/2
	for i := len(v) - 1; i >= 0; i-- {
		if n>>1>>i&1 == 0 {
			more |= same & v[i]
			same &^= v[i]
		} else {
			same &= v[i]
		}
	}
	return more
}
