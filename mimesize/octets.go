package mimesize

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const highBits = 0x8080808080808080

// isOdd tells whether an octet of b is above 127 or NUL.
func isOdd(b []byte) bool {
	le := binary.LittleEndian
	for ; len(b) >= 64; b = b[64:] {
		// To take one away sets the high bit of NUL, and of no other that does not stand behind one.
		v0, v1, v2, v3 := le.Uint64(b), le.Uint64(b[8:]), le.Uint64(b[16:]), le.Uint64(b[24:])
		v4, v5, v6, v7 := le.Uint64(b[32:]), le.Uint64(b[40:]), le.Uint64(b[48:]), le.Uint64(b[56:])
		odd := v0 | (v0 - ones) | v1 | (v1 - ones) | v2 | (v2 - ones) | v3 | (v3 - ones)
		odd |= v4 | (v4 - ones) | v5 | (v5 - ones) | v6 | (v6 - ones) | v7 | (v7 - ones)
		if odd&highBits != 0 {
			return true
		}
	}
	odd := uint64(0)
	for ; len(b) >= 8; b = b[8:] {
		v := le.Uint64(b)
		odd |= v | (v - ones)
	}
	for _, c := range b {
		odd |= uint64(c | (c - 1))
	}
	return odd&highBits != 0
}

// countEightBit counts the octets above 127.
func countEightBit(b []byte) (n int64) {
	for len(b) >= 8 {
		n += int64(bits.OnesCount64(binary.LittleEndian.Uint64(b) & highBits))
		b = b[8:]
	}
	for _, c := range b {
		n += int64(c >> 7)
	}
	return n
}

// hasControl tells whether b holds a control character other than TAB.
func hasControl(b []byte) bool {
	const (
		below = 0x20 * ones
		del   = 0x7f * ones
	)
	i := 0
	for ; i+8 <= len(b); i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		d := v ^ del
		// Octets below 0x20 or equal to 0x7f; an octet above 127 can only cause a needless second look.
		if ((v-below)&^v|(d-ones)&^d)&highBits != 0 && anyControl(b[i:i+8]) {
			return true
		}
	}
	return anyControl(b[i:])
}

func anyControl(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// content accounts for the octets of a line, or a piece of one, in the part that it belongs to. odd tells that the window
// holds octets above 127 or NUL.
func (s *Scanner) content(text []byte, off int64, odd bool) {
	if odd {
		s.oddOctets(text, off)
	}
	switch s.state {
	case inHeader:
		if hasControl(text) {
			s.problem(kHeaderCtl, s.cur, off, s.line, text)
		}
	case inBody:
		if s.body.skip {
			return // a boundary line
		}
		switch s.body.encoding {
		case EncodingBase64:
			s.body.base64.write(s, text, off)
		case EncodingQuotedPrintable:
			s.body.qp.write(s, text, off)
		}
	}
}

func (s *Scanner) oddOctets(text []byte, off int64) {
	if n := int64(bytes.Count(text, []byte{0})); n > 0 {
		s.res.Lines.NUL += n
		s.problems(kNUL, s.cur, off+int64(bytes.IndexByte(text, 0)), s.line, n, nil)
	}
	n := countEightBit(text)
	if n == 0 {
		return
	}
	l := &s.res.Lines
	if s.state == inHeader {
		if s.cur == 0 {
			l.HeaderEightBit += n
		} else {
			l.BodyEightBit += n
		}
		s.problem(kHeaderEightBit, s.cur, off, s.line, text)
		return
	}
	l.BodyEightBit += n
	if s.state == inBody && !s.body.skip {
		p := &s.res.Parts[s.cur]
		p.EightBit += n
		if p.Encoding != Encoding8bit && p.Encoding != EncodingBinary && p.Encoding != EncodingUnknown && !p.IsMultipart() {
			s.problem(kCTEEightBit, s.cur, off, s.line, nil)
		}
	}
}

// loneDot notes a line that is a dot, which is the end of the data where its line ends are what the server takes for line
// ends (RFC 5321 section 4.1.1.4; CVE-2023-51764 and its kin).
func (s *Scanner) loneDot(text []byte, e eol, off int64) {
	switch {
	case len(text) == 2 && text[1] != '\r', s.lastEOL == noEOL || e == noEOL:
		return
	case len(text) == 2 || s.lastCR || s.lastEOL == eolCR || e == eolCR:
		s.problem(kSmuggling, 0, off, s.line, nil)
		return
	}
	i := 0
	if s.lastEOL == eolCRLF {
		i |= 1
	}
	if e == eolCRLF {
		i |= 2
	}
	s.dots[i].add(off, s.line)
}

// bareCRs places the CR of b that no LF follows, and the dots beside them. b begins at a line start, or in a long line whose
// last octets are in tail; line is the number of its first line.
func (s *Scanner) bareCRs(b []byte, tail longLine, line int64) {
	at := func(i int) byte {
		switch {
		case i >= 0 && i < len(b):
			return b[i]
		case i < 0 && i >= -2 && tail.active:
			return tail.tail[2+i]
		case i < 0:
			return '\n'
		}
		return 0
	}
	counted := 0
	for i := -2; i < len(b); i++ {
		if i >= 0 {
			j := bytes.IndexByte(b[i:], '\r')
			if j < 0 {
				return
			}
			line += int64(bytes.Count(b[counted:i+j], []byte{'\n'}))
			i += j
			counted = i
		}
		if at(i) != '\r' || at(i+1) == '\n' {
			continue
		}
		off := s.base + int64(i)
		if i >= 0 {
			s.res.Lines.CR++
			s.problem(kBareCR, 0, off, line, nil)
		}
		eolLike := func(c byte) bool { return c == '\r' || c == '\n' }
		if at(i+1) == '.' && eolLike(at(i+2)) || at(i-1) == '.' && eolLike(at(i-2)) && at(i+1) != '\r' {
			s.problem(kSmuggling, 0, off, line, nil)
		}
	}
}
