package mimesize

// base64State counts what a base64 body decodes to, without decoding it (RFC 2045 section 6.8).
type base64State struct {
	chars int64 // characters of the alphabet before the padding
	pads  int   // padding characters still due
	ended bool  // padding was met
}

const (
	b64Char = 1 << iota
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

func (b *base64State) write(s *Scanner, text []byte, off int64) {
	if !b.ended {
		var or byte
		t := text
		for len(t) >= 4 {
			or |= b64Class[t[0]] | b64Class[t[1]] | b64Class[t[2]] | b64Class[t[3]]
			t = t[4:]
		}
		for _, c := range t {
			or |= b64Class[c]
		}
		if or&^b64Char == 0 {
			b.chars += int64(len(text))
			return
		}
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
