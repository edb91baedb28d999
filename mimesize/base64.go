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
	bad := notBase64(binary.LittleEndian.Uint64(b[len(b)-8:])) // the last octets, some of them twice
	for ; len(b) >= 8; b = b[8:] {
		bad |= notBase64(binary.LittleEndian.Uint64(b))
	}
	return bad&highBits == 0
}

// plainLines76 counts the lines at the start of b that are 76 octets of the alphabet, as nearly all encoders write them (RFC 2045
// section 6.8), and LF or CRLF, as step says.
func plainLines76(b []byte, step int) (lines int) {
	le := binary.LittleEndian
	for ; len(b) >= step; b = b[step:] {
		l := (*[77]byte)(b)
		bad := notBase64(le.Uint64(l[0:])) | notBase64(le.Uint64(l[8:]))
		bad |= notBase64(le.Uint64(l[16:])) | notBase64(le.Uint64(l[24:]))
		bad |= notBase64(le.Uint64(l[32:])) | notBase64(le.Uint64(l[40:]))
		bad |= notBase64(le.Uint64(l[48:])) | notBase64(le.Uint64(l[56:]))
		bad |= notBase64(le.Uint64(l[64:])) | notBase64(le.Uint64(l[68:]))
		if bad&highBits != 0 || b[step-1] != '\n' || step == 78 && l[76] != '\r' {
			break
		}
		lines++
	}
	return lines
}

// notBase64 sets the high bit of some octet if not all are of the base64 alphabet. Adding to an octet what makes the beginning of a
// range 128 carries into its high bit from there on; the end of the range takes it away again. The lowest octet above 127 sets its own.
func notBase64(v uint64) uint64 {
	lower := v | 0x20*ones
	letter := (lower + (0x80-'a')*ones) ^ (lower + (0x7f-'z')*ones)
	digit := (v + (0x80-'/')*ones) ^ (v + (0x7f-'9')*ones) // "/" stands before "0"
	notPlus := (v ^ '+'*ones) + 0x7f*ones
	return letter ^ digit ^ notPlus | v
}

// Base64Only gives the bodies of octets or more in the message that was scanned last that hold nothing but characters of base64, padding
// and white space, in order.
func (s *Scanner) Base64Only(octets int64) (spans []Span) {
	if s.res.Truncated {
		return nil // behind a limit nothing was looked at
	}
	for i := range s.res.Problems {
		if s.res.Problems[i].ID == kindIDs[kBase64Chars] {
			return nil
		}
	}
	for i := range s.res.Parts {
		if p := &s.res.Parts[i]; p.Encoding == EncodingBase64 && p.Children == 0 && !p.IsMultipart() && p.Body.Length >= octets {
			spans = append(spans, p.Body)
		}
	}
	return spans
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
