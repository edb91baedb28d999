package facts

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"
)

// passed is what one pass over a text tells. Most texts hold nothing that is looked for: the pass tells so, and no second one is
// made. What may be there is told too often rather than too rarely.
type passed struct {
	ascii                    bool // the text is ASCII
	words, letters, capitals int

	placeholder bool    // contents.placeholders may
	leftover    bool    // contents.leftovers may
	stub        bool    // contents.stub may
	begin       bool    // contents.embeddedFiles may
	digits      []int32 // where the words with digits in them are
	links       []int32 // where contents.bareLinks may find something
}

const (
	ones     = 0x0101010101010101
	highBits = 0x80 * ones
)

// lettersOf sets the high bit of each octet of v that is an ASCII letter, where lower is v | 0x20 * ones. Behind an octet above 127,
// which is none, it may be wrong.
func lettersOf(lower uint64) uint64 {
	return (lower + (0x80-'a')*ones) &^ (lower + (0x7f-'z')*ones) & highBits
}

var asciiBlank = [256]bool{'\t': true, '\n': true, '\v': true, '\f': true, '\r': true, ' ': true}

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
func load(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[i:])
	}
	return loadLast(b[i:])
}

func loadLast(b []byte) (v uint64) {
	for k := len(b) - 1; k >= 0; k-- {
		v = v<<8 | uint64(b[k])
	}
	return v
}

// octetsOf gives the octets of a text without copying them. They must not be changed.
func octetsOf(text string) []byte { return unsafe.Slice(unsafe.StringData(text), len(text)) }

// readText makes the pass over a text in UTF-8. It counts words, which are runs of characters between white space with a letter or
// digit among them, and letters that have a case; and it finds the phrases that no octet above 127 touches. It takes 64 octets at a
// time, with a bit for each in masks of those that are letters or digits, blanks, and so on. It only looks at words that may begin
// something that is looked for, at marks that mean something, and at characters above 127.
func (c *contents) readText(text string, a *passed) {
	octets := octetsOf(text)
	*a = passed{ascii: isASCIIBytes(octets), digits: a.digits[:0], links: a.links[:0]}
	table := wordTable()
	var last [64]byte
	var is octetClasses
	var found [64]uint8
	var inside, open uint64 // bit 0: the octet before is an ASCII letter or digit; the word before is not ended and counts
	digit := -1             // the last that was noted
	other := 0              // where the last character above 127 ends
	for from := 0; from < len(octets); from += 64 {
		block := &last
		if len(octets)-from >= 64 {
			block = (*[64]byte)(octets[from:])
		} else {
			for i := copy(last[:], octets[from:]); i < 64; i++ {
				last[i] = ' '
			}
		}
		var high uint64
		if !a.ascii {
			high, block = withoutHigh(block, &last)
		}
		is.classify(block)
		a.letters += is.letters
		a.capitals += is.capitals
		counted, blank := is.word, is.blank
		if high != 0 {
			other = a.others(text, from, other, high, &counted, &blank)
		}
		// Added to a run of octets that are not blank, a bit of one that counts carries to the blank behind the run.
		sum, over := bits.Add64(^blank, counted, open)
		a.words += bits.OnesCount64(sum & blank)
		open = over
		before := is.word<<1 | inside
		begins := is.word &^ before
		if near := octets[from:]; len(near) >= 64+4 {
			if !a.ascii { // those that an octet above 127 follows may begin something with a blank of another kind
				near := begins & (high>>1 | high>>2 | high>>3 | 7<<61)
				for begins &^= near; near != 0; near &= near - 1 {
					c.beginAt(table, text, from+bits.TrailingZeros64(near), a)
				}
			}
			for _, n := range table.mayBegin((*[64 + 4]byte)(near), begins, &found) {
				c.beginAt(table, text, from+int(n), a)
			}
		} else {
			for ; begins != 0; begins &= begins - 1 {
				c.beginAt(table, text, from+bits.TrailingZeros64(begins), a)
			}
		}
		if is.digits != 0 {
			digit = a.wordsWithDigits(octets, from, is.digits, digit)
		}
		for marks := is.marks; marks != 0; marks &= marks - 1 {
			n := bits.TrailingZeros64(marks)
			i := from + n
			next := byte(0)
			if i+1 < len(octets) {
				next = octets[i+1]
			}
			if octets[i] == ':' {
				if next == '/' {
					a.links = append(a.links, int32(i))
				}
				continue
			}
			a.mark(octets[i], next, before>>n&1 != 0)
		}
		inside = is.word >> 63
	}
	a.words += int(open)
}

// withoutHigh gives which of 64 octets are above 127, and them with something instead that means nothing, in room if there are any.
func withoutHigh(block, room *[64]byte) (high uint64, ascii *[64]byte) {
	for i := 0; i < 64; i += 8 {
		high |= bitsOf(binary.LittleEndian.Uint64(block[i:])&highBits) << i
	}
	if high == 0 {
		return 0, block
	}
	for i := 0; i < 64; i += 8 {
		v := binary.LittleEndian.Uint64(block[i:])
		each := v & highBits >> 7
		binary.LittleEndian.PutUint64(room[i:], v&^(each*0xff)|each)
	}
	return high, room
}

// others counts the characters above 127 in 64 octets, from text[from] on, of which there is a bit in high for each octet of them. It
// adds those of letters and digits to counted, and of blanks to blank. It gives where the last ends; end is where the one before did.
func (a *passed) others(text string, from, end int, high uint64, counted, blank *uint64) int {
	for {
		if end > from {
			high &= ^uint64(0) << (end - from)
		}
		if high == 0 {
			return end
		}
		n := bits.TrailingZeros64(high)
		r, size := utf8.DecodeRuneInString(text[from+n:])
		if f := factsOf(r); f.space {
			*blank |= 1 << n
		} else if a.character(&f) {
			*counted |= 1 << n
		}
		end = from + n + size
	}
}

// asciiLength gives how many octets at the start of b are ASCII.
func asciiLength(b []byte) int {
	n := 0
	for ; n+8 <= len(b); n += 8 {
		if high := binary.LittleEndian.Uint64(b[n:]) & highBits; high != 0 {
			return n + bits.TrailingZeros64(high)>>3
		}
	}
	for n < len(b) && b[n] < utf8.RuneSelf {
		n++
	}
	return n
}

// bitsOf gathers the high bits of eight octets.
func bitsOf(high uint64) uint64 { return high * 0x0002040810204081 >> 56 }

// fourAt gives the four octets from i on, those behind the end as zero.
func fourAt(octets []byte, i int) uint32 {
	if i+4 <= len(octets) {
		return binary.LittleEndian.Uint32(octets[i:])
	}
	return uint32(loadLast(octets[i:]))
}

// keyOf gives the key of a word that begins with four octets; see wordIndex.
func keyOf(v uint32) uint32 {
	lower := v | 0x20202020
	letter := (lower + (0x80-'a')*0x01010101) &^ (lower + (0x7f-'z')*0x01010101)
	apart := lower ^ 0x20202020
	others := (apart&0x7f7f7f7f + 0x7f7f7f7f | apart) &^ letter & 0x80808080 // neither letter nor blank
	ends := ^letter & 0x80808080 & -((others | -others) >> 31)
	if key := lower & (ends&-ends>>7 - 1); key != 0 {
		return key
	}
	return lower & 0xff
}

// wordsWithDigits notes where the words with digits begin, of which digits has a bit for each octet from octets[from] on. The digit
// before them is octets[last], and where there is none a word begins behind it.
func (a *passed) wordsWithDigits(octets []byte, from int, digits uint64, last int) int {
	for runs := digits &^ (digits << 1); runs != 0; runs &= runs - 1 {
		n := bits.TrailingZeros64(runs)
		if before := digits & (1<<n - 1); before != 0 {
			last = from + bits.Len64(before) - 1
		}
		i := from + n
		begin := i
		for begin > last+1 && !endsInBlank(octets[:begin]) {
			begin--
		}
		if begin > last+1 || last < 0 || !isDigit(octets[last]) {
			a.digits = append(a.digits, int32(begin))
		}
	}
	return from + bits.Len64(digits) - 1
}

// endsInBlank tells whether the last character of some is a blank.
func endsInBlank(octets []byte) bool {
	c := octets[len(octets)-1]
	if c < utf8.RuneSelf {
		return asciiBlank[c]
	}
	r, _ := utf8.DecodeLastRune(octets)
	return factsOf(r).space
}

// mark notes what a mark may be the beginning of. Next is the octet behind it; inside tells that a letter or digit stands before it.
func (a *passed) mark(b, next byte, inside bool) {
	switch b {
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
}

// character counts a character that is not ASCII, and tells whether it makes a word of what it is in.
func (a *passed) character(f *runeFacts) bool {
	if !f.letter {
		return f.number
	}
	if f.upper || f.title {
		a.capitals++
		a.letters++
	} else if f.lowered {
		a.letters++
	}
	return true
}

// wordIndex knows the words that something looked for begins with, by their first four octets in lower case, as a number, if these
// are letters and blanks; else by the letters that they begin with, or by the digit. A NUL counts for a blank.
type wordIndex struct {
	list   [8192]uint16 // of the hash of a key: in groups, from 1; 0 is none
	groups []wordGroup
	uses   []wordUse    // of all groups: a list for each would take longer to make than most texts take to be read
	begins [16384]uint8 // by beginOf what there is: a bit for each that the lowest three of the fourth octet can be
}

// wordGroup is what begins with keys of one hash.
type wordGroup struct {
	fifth, sixth uint32 // of the classes of the octets behind the four of the key: a bit for each that there can be
	first, last  uint16 // in uses, from 1
}

// wordUse is something that begins with a word.
type wordUse struct {
	key  uint32
	next uint16 // of its group in uses, from 1; 0 is none
	kind wordKind
	// of a phrase: how long its first word is, and what the second begins with in lower case; 0 if there is none
	first  uint8
	second byte
	id     string // of a phrase
	text   string
}

type wordKind uint8

const (
	isPhrase     wordKind = iota // one of phrases or optOut, as foldText has it
	isSalutation                 // with nothing behind it
	isNothing                    // a word that programs write for nothing, in any case
	isLeftover                   // as it is written
	isRemnant                    // a word inside of what is looked for, in any case
	isLink                       // the beginning of an address
	isStub                       // a word of each of stubs
	isBegin                      // the first line of a file, as it is written
)

// at gives the place in groups, from 1, of what may begin with a key; 0 is nothing.
func (t *wordIndex) at(key uint32) uint16 { return t.list[key*0x9e3779b1>>19] }

// beginOf hashes the first three octets of a word without regard to case.
func beginOf(v uint32) uint32 { return (v<<8 | 0x20202000) * 0x9e3779b1 >> 18 }

// mayBegin gives of the words that begin in the first 64 octets, of which there is a bit for each, those that may begin something that
// is looked for.
//
//go:noinline
func (t *wordIndex) mayBegin(octets *[64 + 4]byte, words uint64, found *[64]uint8) []uint8 {
	k := 0
	for ; words != 0; words &= words - 1 {
		n := bits.TrailingZeros64(words) & 63
		found[k&63] = uint8(n)
		v := binary.LittleEndian.Uint32(octets[n:])
		k += int(t.begins[beginOf(v)] >> (v >> 24 & 7) & 1)
	}
	return found[:k&63]
}

// may tells whether something of a group may begin at octets[i].
func (g *wordGroup) may(octets []byte, i int) bool {
	return i+6 > len(octets) || g.fifth>>classes[octets[i+4]]&(g.sixth>>classes[octets[i+5]])&1 != 0
}

// classes tell letters apart, without regard to case, blanks, and all else.
var classes = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isLetter(byte(c)):
			t[c] = uint8(c & 31)
		case c <= ' ':
			t[c] = 27
		default:
			t[c] = 28
		}
	}
	return t
}()

const anyClass = 1<<29 - 1

// add makes the index know something by a key, where rest is left of its text behind the key.
func (t *wordIndex) add(u wordUse, fifth, sixth uint32) {
	n := &t.list[u.key*0x9e3779b1>>19]
	if *n == 0 {
		t.groups = append(t.groups, wordGroup{})
		*n = uint16(len(t.groups))
	}
	g := &t.groups[*n-1]
	g.fifth |= fifth
	g.sixth |= sixth
	for at := g.first; at > 0; at = t.uses[at-1].next {
		if o := &t.uses[at-1]; o.key == u.key && o.kind == u.kind && o.text == u.text && o.id == u.id {
			return
		}
	}
	t.uses = append(t.uses, u)
	if at := uint16(len(t.uses)); g.first == 0 {
		g.first, g.last = at, at
	} else {
		t.uses[g.last-1].next, g.last = at, at
	}
}

// learn makes the index know something by all keys that its text can have: each of its blanks stands for any number of them, and
// what may follow it, if it is shorter than a key, is no letter.
func (t *wordIndex) learn(u wordUse) {
	n := 0
	for n < len(u.text) && isLetter(u.text[n]) {
		n++
	}
	if n < 4 { // in four octets there may be other than letters and blanks
		u.key = keyOf(fourAt([]byte(u.text[:max(n, 1)]+"\n"), 0))
		t.add(u, anyClass, anyClass)
	}
	class := func(rest string, i int) uint32 {
		if i < len(rest) {
			return 1 << classes[rest[i]]
		}
		return anyClass
	}
	switch u.kind {
	case isSalutation:
		t.mark(u.text+" ", 0, 0)
	case isLeftover, isBegin: // whose blanks stand for nothing else
		t.mark("", fourAt([]byte(u.text), 0), min(len(u.text), 4))
	default:
		t.mark(u.text, 0, 0)
	}
	var begin [4]byte
	var spread func(n int, rest string) // behind n octets of begin
	spread = func(n int, rest string) {
		switch {
		case n == len(begin):
			u.key = keyOf(fourAt(begin[:], 0))
			sixth := class(rest, 1)
			if rest != "" && rest[0] == ' ' {
				sixth |= class(rest, 0)
			}
			t.add(u, class(rest, 0), sixth)
			return
		case rest == "":
			begin[n] = ' '
			spread(n+1, "")
			return
		case rest[0] == ' ':
			begin[n] = ' '
			spread(n+1, rest)
		}
		begin[n] = rest[0]
		spread(n+1, rest[1:])
	}
	spread(0, u.text)
}

// mark notes by which four octets a text can begin, of which n are in v. Each of its blanks stands for any number of octets up to
// the blank, and anything may follow it.
func (t *wordIndex) mark(text string, v uint32, n int) {
	switch {
	case n == 4:
		t.begins[beginOf(v)] |= 1 << (v >> 24 & 7)
	case n == 3 && (text == "" || text[0] == ' '):
		t.begins[beginOf(v)] = 0xff
	case text[0] == ' ':
		for b := range uint32(' ' + 1) {
			t.mark(text, v|b<<(8*n), n+1)
			t.mark(text[1:], v|b<<(8*n), n+1)
		}
	default:
		t.mark(text[1:], v|uint32(text[0])<<(8*n), n+1)
	}
}

var wordTable = sync.OnceValue(func() *wordIndex {
	t := &wordIndex{groups: make([]wordGroup, 0, 160), uses: make([]wordUse, 0, 300)}
	add := func(kind wordKind, id, text string) {
		if text[0] >= utf8.RuneSelf {
			return // not ASCII
		}
		if !isLetter(text[0]) && !isDigit(text[0]) {
			panic("facts: no word begins with " + text)
		}
		if len(text) < 3 && kind != isSalutation { // behind which more than a blank is looked for
			panic("facts: a letter may be in the same key as " + text)
		}
		u := wordUse{kind: kind, id: id, text: text}
		if i := strings.IndexByte(text, ' '); i > 0 && kind == isPhrase {
			u.first, u.second = uint8(i), text[i+1]
		}
		t.learn(u)
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
	add(isLink, "", "www.")
	for _, s := range stubWords {
		add(isStub, "", s)
	}
	add(isBegin, "", "begin ")
	add(isBegin, "", "ybegin ")
	return t
})

// beginAt looks at the word that begins at text[i].
func (c *contents) beginAt(table *wordIndex, text string, i int, a *passed) {
	octets := octetsOf(text)
	key := keyOf(fourAt(octets, i))
	if n := table.at(key); n > 0 && table.groups[n-1].may(octets, i) {
		c.wordAt(table, n, key, text, i, a)
	}
}

// wordAt looks at what begins at text[i] with a key of a group of the index.
func (c *contents) wordAt(table *wordIndex, group uint16, key uint32, text string, i int, a *passed) {
	for at := table.groups[group-1].first; at > 0; at = table.uses[at-1].next {
		u := &table.uses[at-1]
		if u.key != key {
			continue
		}
		switch u.kind {
		case isPhrase:
			if end := i + int(u.first); end > i && end+1 < len(text) {
				if b := text[end+1]; text[end] > ' ' || b > ' ' && b|0x20 != u.second|0x20 {
					continue // as most
				}
			}
			if i == 0 || text[i-1] < utf8.RuneSelf {
				c.phraseAt(u, text, i)
			}
		case isSalutation:
			a.leftover = a.leftover || hasPrefixFold(text[i:], u.text) && endsSalutation(text[i+len(u.text):])
		case isNothing:
			if hasPrefixFold(text[i:], u.text) {
				a.leftover, a.placeholder = true, true
			}
		case isLeftover:
			a.leftover = a.leftover || strings.HasPrefix(text[i:], u.text)
		case isRemnant:
			a.leftover = a.leftover || hasPrefixFold(text[i:], u.text) && isRest(text[max(0, i-16):i])
		case isLink:
			if hasPrefixFold(text[i:], u.text) {
				a.links = append(a.links, int32(i))
			}
		case isStub:
			a.stub = a.stub || hasPrefixFold(text[i:], u.text)
		case isBegin:
			a.begin = a.begin || strings.HasPrefix(text[i:], u.text)
		}
	}
}

// endsSalutation tells whether blanks and a comma or exclamation mark stand at the start of text; see emptySalutation.
func endsSalutation(text string) bool {
	for i := range len(text) {
		if text[i] > ' ' {
			return i > 0 && (text[i] == ',' || text[i] == '!') || text[i] >= utf8.RuneSelf // which may be a blank
		}
	}
	return false
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

// phrasesNear finds the phrases of a text that characters above 127 touch, and maybe others. Together with readText, it finds what
// findPhrases does in the folded text.
func (c *contents) phrasesNear(text string) {
	octets := octetsOf(text)
	t := phrasesByKey()
	near := t.words
	for i := t.next(text, 0); i < len(octets); {
		// What is within reach of several such characters is looked at in one go.
		from, to := wordsBefore(text, i, near), i
		next := i
		for far := 0; i < len(octets) && far < 2*near; far++ {
			for i < len(octets) && asciiBlank[octets[i]] {
				i++
			}
			for i < len(octets) && !asciiBlank[octets[i]] {
				i++
			}
			if next < i {
				far = 0
				next = t.next(text, i)
			}
			if far <= near {
				to = i
			}
		}
		c.folded = appendFolded(c.folded[:0], text[from:to])
		c.findPhrases(viewOf(c.folded))
		i = next
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
	octets := octetsOf(text)
	for k := 0; k < len(digits); {
		// What is within reach of several such words is looked at in one go, if there is one that an address can end with.
		i := int(digits[k])
		first, to, ends := i, i, false
		for far := 0; i < len(octets) && far < postalReach+2; far++ {
			for i < len(octets) && asciiBlank[octets[i]] {
				i++
			}
			for i < len(octets) && !asciiBlank[octets[i]] {
				i++
			}
			for ; k < len(digits) && int(digits[k]) < i; k++ {
				far = 0
				ends = ends || endsAddress(text, int(digits[k]))
			}
			if far < 2 {
				to = i
			}
		}
		if ends && hasPostalAddress(text[wordsBefore(text, first, postalReach):to]) {
			return true
		}
	}
	return false
}

// wordsBefore gives where the word begins that is n words before the one that begins at i.
func wordsBefore(text string, i, n int) int {
	for ; n > 0; n-- {
		for i > 0 && asciiBlank[text[i-1]] {
			i--
		}
		for i > 0 && !asciiBlank[text[i-1]] {
			i--
		}
	}
	return i
}
