package mimesize

import "encoding/binary"

// base64State counts what a base64 body decodes to, without decoding it (RFC 2045 section 6.8).
type base64State struct {
	chars int64 // characters of the alphabet before the padding
	pads  int   // padding characters still due
	ended bool  // padding was met
}

const (
	b64Char = iota
	b64Space
	b64Pad
	b64Other
)

var b64Class = func() (t [256]byte) {
	for i := range t {
		c := byte(i)
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/':
			t[i] = b64Char
		case c == ' ', c == '\t', c == '\r', c == '\n':
			t[i] = b64Space
		case c == '=':
			t[i] = b64Pad
		default:
			t[i] = b64Other
		}
	}
	return t
}()

// allBase64 tells whether every octet is of the base64 alphabet, padding not counted. It looks at eight octets at a time and
// gathers what is wrong, so that a line of 76 costs one branch.
func allBase64(b []byte) bool {
	if len(b) < 8 {
		for _, c := range b {
			if b64Class[c] != b64Char {
				return false
			}
		}
		return true
	}
	if len(b) == 76 {
		return isBase64Line((*[76]byte)(b))
	}
	v := binary.LittleEndian.Uint64(b[len(b)-8:]) // the last octets, some of them twice
	good, all := inBase64(v), v
	for len(b) >= 16 {
		v, w := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		good &= inBase64(v) & inBase64(w)
		all |= v | w
		b = b[16:]
	}
	if len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		good &= inBase64(v)
		all |= v
	}
	return good&^all&highBits == highBits
}

// isBase64Line is allBase64 of a line as nearly all encoders write it (RFC 2045 section 6.8), without a loop.
func isBase64Line(b *[76]byte) bool {
	le := binary.LittleEndian
	v0, v1, v2, v3, v4 := le.Uint64(b[0:]), le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:]), le.Uint64(b[32:])
	good := inBase64(v0) & inBase64(v1) & inBase64(v2) & inBase64(v3) & inBase64(v4)
	all := v0 | v1 | v2 | v3 | v4
	v5, v6, v7, v8, v9 := le.Uint64(b[40:]), le.Uint64(b[48:]), le.Uint64(b[56:]), le.Uint64(b[64:]), le.Uint64(b[68:])
	good &= inBase64(v5) & inBase64(v6) & inBase64(v7) & inBase64(v8) & inBase64(v9)
	all |= v5 | v6 | v7 | v8 | v9
	return good&^all&highBits == highBits
}

// inBase64 sets the high bit of each octet that is of the base64 alphabet, if no octet is above 127. Adding to such an octet a number
// carries into its high bit from the beginning of a range on; subtracting it from one leaves the high bit up to the end of the range.
func inBase64(v uint64) uint64 {
	const ones = 0x0101010101010101
	lower := v | 0x20*ones
	letter := (lower + (0x80-'a')*ones) & ((0x80+'z')*ones - lower)
	digit := (v + (0x80-'/')*ones) & ((0x80+'9')*ones - v) // "/" stands before "0"
	plus := 0x80*ones - (v ^ '+'*ones)
	return letter | digit | plus
}

func (b *base64State) write(s *Scanner, text []byte, off int64) {
	if !b.ended && allBase64(text) {
		b.chars += int64(len(text))
		return
	}
	var other, after int64
	for _, c := range text {
		switch class := b64Class[c]; {
		case b.ended && class == b64Char:
			after++ // QUIRK: most readers stop at the padding, some go on decoding
		case class == b64Char:
			b.chars++
		case class == b64Pad:
			b.pad(s, off)
		case class == b64Other:
			other++
		}
	}
	if other > 0 {
		s.problems(kBase64Chars, s.cur, off, s.line, other, text)
	}
	if after > 0 {
		s.problems(kBase64AfterPadding, s.cur, off, s.line, after, text)
	}
}

func (b *base64State) pad(s *Scanner, off int64) {
	switch k := b.chars % 4; {
	case b.ended && b.pads > 0:
		b.pads--
	case b.ended || k < 2:
		s.problem(kBase64Padding, s.cur, off, s.line, nil)
	default:
		b.ended = true
		b.pads = int(3 - k)
	}
}

// finish gives the decoded octets up to the padding.
func (b *base64State) finish(s *Scanner, off int64) int64 {
	k := b.chars % 4
	if b.pads > 0 || k == 1 || k > 1 && !b.ended {
		s.problem(kBase64Padding, s.cur, off, s.line-1, nil)
	}
	return b.chars/4*3 + max(0, k-1)
}
