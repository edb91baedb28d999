package facts

import (
	"bytes"
	"math/bits"

	"postern/mimesize"
)

// What is sought in the octets of a part, before they are decoded.
const (
	seekLink uint8 = 1 << iota
	seekPlaceholder
	seekHidden
	seekEscape // of quoted-printable
)

// wordOf tells what a word may be that an octet begins.
var wordOf = func() (t [256]uint8) {
	for what := seekLink; what < seekEscape; what <<= 1 {
		for _, s := range soughtWords(what) {
			t[s[0]] |= what
			t[s[0]&^0x20] |= what
		}
	}
	return t
}()

var wordsOfLinks, wordsOfPlaceholders, wordsOfHidden = []string{"www."}, []string{"undefined", "null", "none", "nan", "nil"}, []string{"style", "hidden", "color"}

// soughtWords gives the words that are looked for, in lower case: of links, those that programs write for nothing, which
// contents.greeting finds, and those without which no text of HTML is hidden.
func soughtWords(what uint8) []string {
	switch what {
	case seekLink:
		return wordsOfLinks
	case seekPlaceholder:
		return wordsOfPlaceholders
	case seekHidden:
		return wordsOfHidden
	}
	return nil
}

// seek tells what is to be sought in the octets of part i. It is not ok where they do not tell enough: a sentence is wanted too, or
// what is wrong with the text, or the fingerprint; or a charset has ASCII of other octets. HTML without a link is too rare to be looked
// for, and placeholders in it may be written as references.
func (c *contents) seek(i int, isHTML bool) (want uint8, ok bool) {
	if !c.counted || c.without&(Prose|Damage) != Prose|Damage || !c.printed || c.used != nil {
		return 0, false
	}
	add := func(s Set, what uint8) {
		if c.without&s == 0 {
			want |= what
		}
	}
	charset := c.parts[i].charset
	switch add(Targets, seekLink); {
	case !isHTML:
		add(Placeholders, seekPlaceholder)
	case c.without&(Targets|Placeholders) != Targets|Placeholders, charset == "": // which the document may state
		return 0, false
	default:
		add(Hidden, seekHidden)
	}
	return want, want == 0 || asciiAsItIs.has(charset)
}

// ruledOut tells whether the octets of a part, as they are encoded, show that it holds nothing of what is sought. Those of base64 do
// not: what is looked for without regard to case has so many forms there that to look for all takes longer than to decode them.
func (c *contents) ruledOut(p *mimesize.Part, want uint8, budget int64) bool {
	if want == 0 {
		return true
	}
	if p.Encoding == mimesize.EncodingBase64 || p.Body.Length > maxPartText || p.DecodedBytes > budget {
		return false
	}
	if p.Encoding == mimesize.EncodingQuotedPrintable {
		want |= seekEscape
	}
	if from, to := p.Body.Offset, p.Body.End(); c.whole != nil && 0 <= from && to <= c.size {
		return !mayHold(c.whole[from:to], want)
	}
	c.encoded, c.encodedOf = c.readAt(c.encoded[:0], p.Body.Offset, p.Body.Length), p
	return !mayHold(c.encoded, want)
}

// mayHold tells whether something that is sought may stand in octets that are ASCII where they are below 128. It tells so too often
// rather than too rarely: of links and placeholders whenever contents.readText does.
func mayHold(b []byte, want uint8) bool {
	if want&seekEscape != 0 {
		for i := bytes.IndexByte(b, '='); i >= 0; {
			if escapeMayHold(b, i, want) {
				return true
			}
			next := bytes.IndexByte(b[i+1:], '=')
			if next < 0 {
				break
			}
			i += 1 + next
		}
	}
	if want&seekHidden != 0 {
		for i, c := range b {
			if wordOf[c]&want != 0 && wordMayBegin(b, i, want) {
				return true
			}
		}
		return false
	}
	var last [64]byte
	var is octetClasses
	inside := uint64(0) // bit 0: the octet before is a letter or digit
	for from := 0; from < len(b); from += 64 {
		block := &last
		if len(b)-from >= 64 {
			block = (*[64]byte)(b[from:])
		} else {
			clear(last[copy(last[:], b[from:]):])
		}
		_, block = withoutHigh(block, &last)
		is.classify(block)
		before := is.word<<1 | inside
		for begins := is.word &^ before; begins != 0; begins &= begins - 1 {
			if i := from + bits.TrailingZeros64(begins); wordOf[b[i]]&want != 0 && wordMayBegin(b, i, want) {
				return true
			}
		}
		for marks := is.marks; marks != 0; marks &= marks - 1 {
			if n := bits.TrailingZeros64(marks); markMayHold(b, from+n, want, before>>n&1 != 0) {
				return true
			}
		}
		inside = is.word >> 63
	}
	return false
}

// wordMayBegin tells whether b[i] begins one of the words that are sought.
func wordMayBegin(b []byte, i int, want uint8) bool {
	for _, s := range soughtWords(wordOf[b[i]] & want) {
		if hasPrefixFold(viewOf(b[i:]), s) {
			return true
		}
	}
	return false
}

// markMayHold tells whether something that is sought may begin with the mark b[i]; inside tells that a letter or digit stands before it.
func markMayHold(b []byte, i int, want uint8, inside bool) bool {
	next := byte(0)
	if i+1 < len(b) {
		next = b[i+1]
	}
	if b[i] == ':' {
		return next == '/' && want&seekLink != 0
	}
	var a passed
	a.mark(b[i], next, inside)
	return a.placeholder && want&seekPlaceholder != 0
}

// escapeMayHold tells whether something that is sought may stand in quoted-printable where b[i] is "=": as the octet that it encodes,
// or in two lines that it joins, or behind it, where what is encoded stands for other than the letters and digits of its escape.
func escapeMayHold(b []byte, i int, want uint8) bool {
	if i > 0 && want&seekPlaceholder != 0 && begins[b[i-1]] || i > 0 && want&seekLink != 0 && b[i-1] == ':' {
		return true
	}
	if i+2 < len(b) {
		if h, l := hexDigit(b[i+1]), hexDigit(b[i+2]); h < 16 && l < 16 {
			c := h<<4 | l
			return c > ' ' && c < 0x7f && c != '=' || // which no octet needs
				i+3 < len(b) && (wordOf[b[i+3]]&want != 0 && wordMayBegin(b, i+3, want) || b[i+3] == '-')
		}
	}
	for what := seekLink; what < seekEscape; what <<= 1 {
		for _, s := range soughtWords(want & what) {
			for n := 1; n < len(s) && n <= i; n++ {
				if hasPrefixFold(s, viewOf(b[i-n:i])) {
					return true
				}
			}
		}
	}
	return false
}
