package facts

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// asciiText is what one pass over a text in ASCII tells. Most texts hold nothing that is looked for: the pass tells so, and no
// second one is made. What may be there is told too often rather than too rarely.
type asciiText struct {
	words, letters, capitals int

	link        bool    // nextURL may find something
	placeholder bool    // contents.placeholders may
	leftover    bool    // contents.leftovers may
	stub        bool    // contents.stub may
	digits      []int32 // where the words with digits in them are
}

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// lettersOf sets the high bit of each octet that is an ASCII letter. No octet of lower, v | 0x20 * ones, may be above 127.
func lettersOf(lower uint64) uint64 {
	return (lower + (0x80-'a')*ones) &^ (lower + (0x7f-'z')*ones) & highBits
}

var asciiBlank = [128]bool{'\t': true, '\n': true, '\v': true, '\f': true, '\r': true, ' ': true}

// isASCIIBytes tells whether no octet of b is above 127.
func isASCIIBytes(b []byte) bool {
	for len(b) >= 32 {
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:])|binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:]))&highBits != 0 {
			return false
		}
		b = b[32:]
	}
	return !hasEightBit(b)
}

// load gives the eight octets from i on, those behind the end of the text as zero.
func load(text string, i int) uint64 {
	if i+8 <= len(text) {
		s := text[i : i+8]
		return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	}
	var v uint64
	for k := len(text) - 1; k >= i; k-- {
		v = v<<8 | uint64(text[k])
	}
	return v
}

// readASCII makes the pass. It counts as wordCount does and finds phrases as findPhrases does.
func (c *contents) readASCII(text string, a *asciiText) {
	*a = asciiText{digits: a.digits[:0]}
	table := wordTable()
	for i := 0; i < len(text); {
		if asciiBlank[text[i]&127] {
			i++
			continue
		}
		// Most words are letters, and at the most a mark after them: eight octets at a time.
		end, capitals := i, 0
		for {
			v := load(text, end)
			lower := v | 0x20*ones
			is := lettersOf(lower)
			n := bits.TrailingZeros64(^is&highBits) >> 3
			if n == 0 {
				break
			}
			mask := ^uint64(0) >> (64 - 8*n)
			if end == i {
				if key := uint32(lower & mask); table.may(key) {
					c.wordAt(table, key, text, i, a)
				}
			}
			capitals += bits.OnesCount64(is & mask &^ (v << 2))
			if end += n; n < 8 {
				break
			}
		}
		if letters := end - i; letters > 0 {
			if end < len(text) && plainMark[text[end]&127] {
				end++
			}
			if end == len(text) || asciiBlank[text[end]&127] {
				a.words++
				a.letters += letters
				a.capitals += capitals
				i = end
				continue
			}
		}
		i = c.oddWord(table, text, i, a)
	}
}

// printASCII is simhash.add of a text in ASCII.
func printASCII(text string, s *simhash) {
	lineStart := true // text[i] is the first octet of a line
	for i := 0; i < len(text); {
		b := text[i]
		if asciiBlank[b&127] {
			lineStart = b == '\n'
			i++
			continue
		}
		if lineStart {
			switch {
			case b == '>':
				if n := strings.IndexByte(text[i:], '\n'); n >= 0 {
					i += n
					continue
				}
				return
			case b == '-' && isMark(text[i:]):
				return
			}
			lineStart = false
		}
		end, h := i, uint64(wordSeed)
		for {
			lower := load(text, end) | 0x20*ones
			n := bits.TrailingZeros64(^lettersOf(lower)&highBits) >> 3
			if n == 0 {
				break
			}
			h = hashLetters(h, lower&(^uint64(0)>>(64-8*n)))
			if end += n; n < 8 {
				break
			}
		}
		if end > i {
			if end < len(text) && plainMark[text[end]&127] {
				end++
			}
			if end == len(text) || asciiBlank[text[end]&127] {
				if !s.word(mix(h)) {
					return
				}
				i = end
				continue
			}
		}
		end = wordsAfter(text, i, 1)
		if h := printWord(text[i:end]); h != 0 && !s.word(h) {
			return
		}
		i = end
	}
}

// isMark tells whether text begins with the line "-- ".
func isMark(text string) bool {
	rest, ok := strings.CutPrefix(text, "-- ")
	line, _, _ := strings.Cut(rest, "\n")
	return ok && strings.Trim(line, "\r") == ""
}

// plainMark are octets behind a word that mean nothing more there.
var plainMark = [128]bool{',': true, '.': true, ';': true, ':': true, '!': true, '?': true, ')': true, '"': true, '\'': true}

// oddWord reads a word that holds more than letters, and gives its end.
func (c *contents) oddWord(table *wordIndex, text string, i int, a *asciiText) int {
	counted, inside, from := false, false, i
	digit := false
	for ; i < len(text); i++ {
		b := text[i]
		if asciiBlank[b&127] {
			break
		}
		if isLetter(b) || isDigit(b) {
			counted = true
			if isDigit(b) {
				digit = true
			} else {
				a.letters++
				if b < 'a' {
					a.capitals++
				}
			}
			if !inside {
				inside = true
				key := load(text, i)
				lower := key | 0x20*ones
				n := bits.TrailingZeros64(^lettersOf(lower)&highBits) >> 3
				k := uint32(b)
				if n > 0 {
					k = uint32(lower & (^uint64(0) >> (64 - 8*min(n, 4))))
				}
				if table.may(k) {
					c.wordAt(table, k, text, i, a)
				}
			}
			continue
		}
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch b {
		case ':':
			a.link = a.link || next == '/'
		case '{', '[', '%':
			a.placeholder = true
			a.leftover = a.leftover || next == '%' || next == '{' || b == '%' && strings.IndexByte("}>]!", next) >= 0
		case '}':
			a.leftover = a.leftover || next == '}'
		case '|':
			a.leftover = a.leftover || next == '*'
		case '*':
			a.placeholder = a.placeholder || next == '|'
			a.leftover = a.leftover || next == '|'
		case '#':
			a.placeholder = a.placeholder || next == '#' || next == '{'
		case '_', '@':
			a.placeholder = a.placeholder || next == b
		case '$':
			a.placeholder = a.placeholder || next == '{' || next == '_' || isLetter(next)
		case '<':
			a.placeholder = a.placeholder || next == '%' || next == ' ' || next == '_' || isLetter(next)
			a.leftover = a.leftover || next == '%'
		case '-':
			a.placeholder = a.placeholder || !inside && isLetter(next)
		}
		inside = false
	}
	if digit {
		a.digits = append(a.digits, int32(from))
	}
	if counted {
		a.words++
	}
	return i
}

// wordIndex knows the words that something looked for begins with, by their first letters: at most four, in lower case, as the
// octets of a number; of what begins with a digit, that digit.
type wordIndex struct {
	bloom [64]uint64
	byKey map[uint32][]wordUse
}

// wordUse is something that begins with a word.
type wordUse struct {
	kind wordKind
	id   string // of a phrase
	text string
}

type wordKind uint8

const (
	isPhrase     wordKind = iota // one of phrases or optOut, as foldText has it
	isSalutation                 // with nothing behind it
	isNothing                    // a word that programs write for nothing, in any case
	isLeftover                   // as it is written
	isRemnant                    // a word inside of what is looked for, in any case
	isStub                       // every stub holds one
	isLink                       // the beginning of an address
)

func (t *wordIndex) may(key uint32) bool {
	h := key * 0x9e3779b1 >> 20
	return t.bloom[h>>6]>>(h&63)&1 != 0
}

func wordKey(text string) (key uint32, ok bool) {
	if text[0] >= 0x80 {
		return 0, false // not ASCII
	}
	for i := range min(len(text), 4) {
		c := text[i] | 0x20
		if !isLetter(c) {
			break
		}
		key |= uint32(c) << (8 * i)
	}
	if key == 0 {
		key = uint32(text[0])
	}
	return key, true
}

var wordTable = sync.OnceValue(func() *wordIndex {
	t := &wordIndex{byKey: map[uint32][]wordUse{}}
	add := func(kind wordKind, id, text string) {
		key, ok := wordKey(text)
		if !ok {
			return
		}
		if !isLetter(text[0]) && !isDigit(text[0]) {
			panic("facts: no word begins with " + text)
		}
		t.byKey[key] = append(t.byKey[key], wordUse{kind, id, text})
		h := key * 0x9e3779b1 >> 20
		t.bloom[h>>6] |= 1 << (h & 63)
	}
	for _, p := range phrases {
		for _, s := range p.any {
			add(isPhrase, p.id, s)
		}
	}
	for _, s := range optOut {
		add(isPhrase, "", s)
	}
	for _, s := range salutations {
		add(isSalutation, "", s)
	}
	for _, s := range []string{"undefined", "null", "none", "nan", "nil"} { // of greeting too
		add(isNothing, "", s)
	}
	for _, list := range [][]string{literalDates, todoWords} {
		for _, s := range list {
			add(isLeftover, "", s)
		}
	}
	// The words of literalTexts and fillerTexts that begin as words do wherever the text stands.
	for _, s := range []string{"date", "value", "ref", "ipsum", "amet", "adipi"} {
		add(isRemnant, "", s)
	}
	for _, s := range []string{"html", "browser", "view"} {
		add(isStub, "", s)
	}
	add(isLink, "", "www.")
	return t
})

// wordAt looks at what begins at text[i] with a word of the index.
func (c *contents) wordAt(t *wordIndex, key uint32, text string, i int, a *asciiText) {
	for _, u := range t.byKey[key] {
		switch u.kind {
		case isPhrase:
			c.phraseAt(&u, text, i)
		case isSalutation:
			a.leftover = a.leftover || emptySalutation(text, i, true) > 0
		case isNothing:
			if hasPrefixFold(text[i:], u.text) {
				a.leftover, a.placeholder = true, true
			}
		case isLeftover:
			a.leftover = a.leftover || strings.HasPrefix(text[i:], u.text)
		case isRemnant:
			a.leftover = a.leftover || hasPrefixFold(text[i:], u.text) && isRest(text[max(0, i-16):i])
		case isStub:
			a.stub = a.stub || hasPrefixFold(text[i:], u.text)
		case isLink:
			a.link = a.link || hasPrefixFold(text[i:], u.text)
		}
	}
}

// remnants are what stands before the words of wordTable that are the rest of something.
var remnants = []string{"Invalid ", "<no ", "#", "orem ", "OREM ", "rem ", "sit ", "consectetur "}

func isRest(before string) bool {
	for _, s := range remnants {
		if strings.HasSuffix(before, s) {
			return true
		}
	}
	return false
}

// phraseAt notes a phrase that begins at text[i], where a word begins; see findPhrases.
func (c *contents) phraseAt(p *wordUse, text string, i int) {
	for k := 0; k < len(p.text); k++ {
		if i >= len(text) {
			return
		}
		b := text[i]
		if p.text[k] == ' ' {
			if b > ' ' {
				return
			}
			for i++; i < len(text) && text[i] <= ' '; i++ {
			}
			continue
		}
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		if b != p.text[k] {
			return
		}
		i++
	}
	switch {
	case p.id == "":
		c.unsubscribe = true
	case i == len(text) || !wordByte(text[i]) || !wordByte(text[i-1]):
		c.phrase(p.id)
	}
}

// phrase notes the id of a phrase.
func (c *contents) phrase(id string) {
	if !slices.Contains(c.phrases, id) {
		c.phrases = append(c.phrases, id)
	}
}

// postalReach is how many words before one with digits can matter to hasPostalAddress: a street may stand reach words before a
// postcode, its number and its name four words apart each.
const postalReach = reach + 8

// postalNear is hasPostalAddress(text) of a text of which the words with digits in them are known: without one there is no address.
func postalNear(text string, digits []int32) bool {
	for k := 0; k < len(digits); {
		from := wordsBefore(text, int(digits[k]), postalReach)
		to := wordsAfter(text, int(digits[k]), 2)
		for k++; k < len(digits) && wordsBefore(text, int(digits[k]), postalReach) <= to; k++ {
			to = wordsAfter(text, int(digits[k]), 2)
		}
		if hasPostalAddress(text[from:to]) {
			return true
		}
	}
	return false
}

// wordsBefore gives where the word begins that is n words before the one that begins at i.
func wordsBefore(text string, i, n int) int {
	for ; n > 0; n-- {
		for i > 0 && asciiBlank[text[i-1]&127] {
			i--
		}
		for i > 0 && !asciiBlank[text[i-1]&127] {
			i--
		}
	}
	return i
}

// wordsAfter gives the end of the n-th word from the one on that begins at i.
func wordsAfter(text string, i, n int) int {
	for ; n > 0; n-- {
		for i < len(text) && asciiBlank[text[i]&127] {
			i++
		}
		for i < len(text) && !asciiBlank[text[i]&127] {
			i++
		}
	}
	return i
}
