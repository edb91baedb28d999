// Package quote makes untrusted text safe to show. Names of files, header values and everything else that came out of a
// message go through it before they reach a terminal, a log or a report. It hides nothing: a character that is not safe is
// shown by its number.
package quote

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text gives s with every character that could steer a terminal, start a line of its own or reorder what stands beside it
// replaced by its number: \u{1b} for a character, \x{ff} for an octet that is not UTF-8. Replaced are the controls C0 and C1,
// DEL, the line and paragraph separators, bidirectional controls, zero-width and other invisible characters, and
// noncharacters. The result holds no line end and is valid UTF-8; text without such characters comes back as it is.
func Text(s string) string {
	i := firstUnsafe(s, false)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x{`)
			b.WriteString(strconv.FormatUint(uint64(s[i]), 16))
			b.WriteByte('}')
		case Unsafe(r):
			b.WriteString(`\u{`)
			b.WriteString(strconv.FormatInt(int64(r), 16))
			b.WriteByte('}')
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// Short is Text of the first max characters of s, with "..." after them when s is longer.
func Short(s string, max int) string {
	n := 0
	for i := range s {
		if n == max {
			return Text(s[:i]) + "..."
		}
		n++
	}
	return Text(s)
}

// JSON gives a JSON text with the characters that Unsafe names written as \u escapes, so that a report that is looked at in
// a terminal is as safe there as in a program. The text must be valid JSON; its meaning does not change, because such
// characters can stand only inside its strings. Line ends between tokens stay.
func JSON(b []byte) []byte {
	if firstUnsafe(b, true) < 0 {
		return b // as nearly always, and without a copy: reports can be megabytes in one line
	}
	s := string(b)
	const hex = "0123456789abcdef"
	escape := func(out []byte, u rune) []byte {
		return append(out, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	out := make([]byte, 0, len(s)+32)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n' || !Unsafe(r):
			out = append(out, s[i:i+n]...)
		case r > 0xffff:
			out = escape(out, 0xd800+(r-0x10000)>>10)
			out = escape(out, 0xdc00+(r-0x10000)&0x3ff)
		default:
			out = escape(out, r)
		}
		i += n
	}
	return out
}

// Unsafe tells whether r is a character that Text replaces.
func Unsafe(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f: // C0, DEL, C1
		return true
	case r < 0xad:
		return false
	}
	switch {
	case r == 0xad, // soft hyphen
		r == 0x34f,               // combining grapheme joiner
		r == 0x61c,               // Arabic letter mark
		r == 0x115f, r == 0x1160, // Hangul fillers
		r >= 0x17b4 && r <= 0x17b5, // Khmer inherent vowels
		r >= 0x180b && r <= 0x180f, // Mongolian variation selectors and vowel separator
		r >= 0x200b && r <= 0x200f, // zero-width characters and direction marks
		r >= 0x2028 && r <= 0x202e, // line and paragraph separator, embeddings and overrides
		r >= 0x2060 && r <= 0x206f, // word joiner, invisible operators, isolates, deprecated controls
		r == 0x3164, r == 0xffa0,   // Hangul fillers
		r == 0xfeff,                  // byte order mark
		r >= 0xfff0 && r <= 0xfffb,   // unassigned and interlinear annotation
		r&0xfffe == 0xfffe,           // noncharacters
		r >= 0xfdd0 && r <= 0xfdef,   // noncharacters
		r >= 0x1d173 && r <= 0x1d17a, // invisible musical controls
		r >= 0xe0000 && r <= 0xe0fff: // tags and supplementary variation selectors
		return true
	}
	return false
}

// firstUnsafe is the offset of the first octet of s that Text would replace, -1 if there is none. Line ends can be let pass.
func firstUnsafe[T string | []byte](s T, lineEnds bool) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if (c < 0x20 || c == 0x7f) && !(lineEnds && c == '\n') {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))])) // too short a copy to need memory
		if r == utf8.RuneError && n == 1 || Unsafe(r) {
			return i
		}
		i += n
	}
	return -1
}
