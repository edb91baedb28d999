package mimesize

// base64State counts what a base64 body decodes to, without decoding it (RFC 2045 section 6.8).
type base64State struct {
	decoded int64 // octets of the groups that padding has ended
	chars   int64 // characters since
	pads    int   // padding characters still due
	ended   bool  // padding was met
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
		switch b64Class[c] {
		case b64Char:
			if b.ended {
				after++
			}
			b.chars++
		case b64Pad:
			b.pad(s, off)
		case b64Other:
			other++
		}
	}
	if other > 0 {
		s.problems(kBase64Chars, s.cur, off, s.line, other, text)
	}
	if after > 0 {
		// QUIRK: some readers stop at the padding, others go on decoding.
		s.problems(kBase64AfterPadding, s.cur, off, s.line, after, text)
	}
}

func (b *base64State) pad(s *Scanner, off int64) {
	if b.pads > 0 && b.chars == 0 {
		b.pads--
		return
	}
	k := b.chars % 4
	b.decoded += b.chars / 4 * 3
	b.chars = 0
	b.ended = true
	if k < 2 {
		s.problem(kBase64Padding, s.cur, off, s.line, nil)
		return
	}
	b.decoded += k - 1
	b.pads = int(3 - k)
}

func (b *base64State) finish(s *Scanner, off int64) int64 {
	k := b.chars % 4
	if k != 0 || b.pads > 0 && b.chars == 0 {
		s.problem(kBase64Padding, s.cur, off, s.line-1, nil)
	}
	n := b.decoded + b.chars/4*3
	if k > 1 {
		n += k - 1
	}
	return n
}
