package mimesize

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// body is what is known of the body that is being read.
type body struct {
	part     int
	encoding Encoding // base64 or quoted-printable for a part without children, else EncodingNone
	text     bool     // readable text: long lines are worth a note
	skip     bool     // this line is a boundary line
	base64   base64State
	qp       qpState
}

// startBody begins the body of the part whose header has ended; off is its first octet.
func (s *Scanner) startBody(off int64) {
	p := &s.res.Parts[s.cur]
	p.Body = Span{Offset: off, Line: s.line}
	p.wire, p.eols = off+s.bareLF, s.eols
	s.state = inBody
	skip := s.body.skip
	s.body = body{}
	s.body.part, s.body.skip = s.cur, skip
	encoded := p.Encoding == EncodingBase64 || p.Encoding == EncodingQuotedPrintable
	switch {
	case p.IsMultipart():
		if encoded {
			s.problem(kCTEComposite, s.cur, off, s.hdr.line, []byte(p.Encoding.String()))
		}
		s.open(p, off)
		return
	case p.MediaType == "message/partial":
		// RFC 2046 section 5.2.2: what the recipient's reader makes of all the fragments is in none of them.
		s.problem(kPartialMessage, s.cur, off, s.hdr.line, nil)
	case p.MediaType == "message/rfc822" || p.MediaType == "message/global" || p.MediaType == "message/news":
		if !encoded {
			s.startPart(s.cur, off)
			return
		}
		// RFC 2046 section 5.2.1 forbids it; readers differ on whether there is a message inside.
		s.problem(kCTEComposite, s.cur, off, s.hdr.line, []byte(p.Encoding.String()))
		s.problem(kEmbeddedEncoded, s.cur, off, s.hdr.line, nil)
	}
	if p.Encoding == EncodingBinary {
		s.problem(kCTEBinary, s.cur, off, s.hdr.line, nil)
	}
	if encoded {
		s.body.encoding = p.Encoding
		return
	}
	s.body.text = len(p.MediaType) > 5 && p.MediaType[:5] == "text/"
}

// open puts a multipart's boundary on the stack.
func (s *Scanner) open(p *Part, off int64) {
	line := s.hdr.line
	b := s.hdr.ctype.boundary
	if n := len(bytes.TrimRight(b, " \t")); n < len(b) {
		s.problem(kBoundaryTrailing, s.cur, off, line, b)
		b = b[:n]
	}
	switch n := len(b); {
	case n == 0 || n > maxBoundary:
		s.problem(kBoundaryMissing, s.cur, off, line, nil)
		return
	case n > 70:
		s.problem(kBoundaryLong, s.cur, off, line, b)
	}
	for _, c := range b {
		if !isBoundaryChar(c) {
			s.problem(kBoundaryChars, s.cur, off, line, b)
			break
		}
	}
	for _, f := range s.frames {
		outer := s.stack[f.from:f.to]
		if f.closed {
			continue
		}
		if bytes.Equal(outer, b) {
			s.problem(kBoundaryClash, s.cur, off, line, b)
			break
		}
		if bytes.HasPrefix(b, outer) || bytes.HasPrefix(outer, b) {
			s.problem(kNestedPrefix, s.cur, off, line, b)
			break
		}
	}
	s.pushFrame(s.cur, b)
	p.Closed, p.bounded = false, true
}

// isBoundaryChar tells whether RFC 2046 section 5.1.1 allows c in a boundary.
func isBoundaryChar(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("'()+_,-./:=? ", c) >= 0
}

// firstOctets gives the first eight octets of b as a number, or as many as there are, and which bits of it these are.
func firstOctets(b []byte) (v, mask uint64) {
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b), ^uint64(0)
	}
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v, 1<<(8*len(b)) - 1
}

// firstEight gives the first eight octets of b as a number, with zeros behind its end.
func firstEight(b []byte) (v uint64) {
	switch n := len(b); {
	case n >= 8:
		return binary.LittleEndian.Uint64(b)
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<(8*n-32)
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<(n/2*8) | uint64(b[n-1])<<(8*n-8)
	}
	return 0
}

// trimBlanks takes the blanks off the end of a line.
func trimBlanks(b []byte) []byte {
	for n := len(b); n > 0 && (b[n-1] == ' ' || b[n-1] == '\t'); n-- {
		b = b[:n-1]
	}
	return b
}

// match tells whether line, its trailing blanks cut off, is a boundary line of b, and which; junk tells that it begins like one.
func match(line, b []byte) (delimiter, closing, junk bool) {
	if len(line) < 2+len(b) || !bytes.Equal(line[2:2+len(b)], b) {
		return false, false, false
	}
	switch string(line[2+len(b):]) {
	case "":
		return true, false, false
	case "--":
		return false, true, false
	}
	return false, false, true
}

// isOwnBoundary tells whether text, met in the header block of a multipart, is a boundary line of it.
func (s *Scanner) isOwnBoundary(text []byte) bool {
	b := s.hdr.ctype.boundary
	if len(text) < 2 || text[1] != '-' || len(b) == 0 || len(s.hdr.ctype.mediaType) <= 10 || s.hdr.ctype.mediaType[:10] != "multipart/" {
		return false
	}
	d, c, _ := match(bytes.TrimRight(text, " \t"), b)
	return d || c
}

// isOpenBoundary tells whether text, met in a header block, is a boundary line of a multipart around it.
func (s *Scanner) isOpenBoundary(text []byte) bool {
	if len(s.frames) == 0 || len(text) < 2 || text[1] != '-' {
		return false
	}
	at, _, _ := s.frameOf(trimBlanks(text))
	return at >= 0
}

// boundaryLine looks for the multipart that a line beginning with two hyphens is a boundary of, innermost first.
func (s *Scanner) boundaryLine(text []byte, off int64) {
	if len(text) >= window-1 {
		return // the first piece of a line that is longer than any boundary line
	}
	i, closing, junk := s.frameOf(trimBlanks(text))
	if i < 0 {
		if junk {
			s.problem(kBoundaryJunk, s.cur, off, s.line, text)
		}
		return
	}
	f := &s.frames[i]
	if f.closed {
		if !closing {
			s.problem(kAfterClose, f.part, off, s.line, nil)
		}
		return
	}
	if p := &s.res.Parts[s.cur]; closing && p.Parent == f.part && p.Header.Offset == off {
		s.empty = append(s.empty, emptyEnd{f.part, off, off + int64(len(text)), s.line})
	}
	s.closeTo(f.part, off, true)
	s.cutFrames(i + 1)
	s.cur = f.part
	s.body = body{part: f.part, skip: true}
	if closing {
		f.closed = true
		s.res.Parts[f.part].Closed = true
		return
	}
	s.parent, s.pending = f.part, beginPart
}

// emptyEnd is where the closing boundary of a multipart comes right after a boundary.
type emptyEnd struct {
	part           int
	off, end, line int64
}

// emptyEnds reports text after such an end.
//
// QUIRK: to Python a line of boundary right after another is the same boundary, also where it is the closing one, so that a part begins
// there.
func (s *Scanner) emptyEnds() {
	for _, e := range s.empty {
		const least = int64(len("\r\n--b--\r\n"))
		if p := &s.res.Parts[e.part]; p.Body.Offset+p.Body.Length-e.end > least {
			s.problem(kAfterClose, e.part, e.off, e.line, nil)
		}
	}
}

// closeTo closes the part being read and those around it, up to but without stop. boundary tells that a boundary line begins
// at off, to which the line end before it belongs (RFC 2046 section 5.1.1).
func (s *Scanner) closeTo(stop int, off int64, boundary bool) {
	for i := s.cur; i != stop && i >= 0; i = s.res.Parts[i].Parent {
		s.closePart(i, off, boundary)
	}
}

func (s *Scanner) closePart(i int, off int64, boundary bool) {
	p := &s.res.Parts[i]
	wire, eols := off+s.bareLF, s.eols
	if boundary {
		off -= s.lastEOL.stored()
		wire -= s.lastEOL.wire()
		if s.lastEOL != eolCR {
			eols--
		}
	}
	if off < p.Body.Offset { // the line end before the boundary is the separator's
		off, wire, eols = p.Body.Offset, p.wire, p.eols
	}
	p.Body.Length = off - p.Body.Offset
	p.EncodedBytes = wire - p.wire
	p.DecodedBytes = p.Body.Length
	p.DecodedLFBytes = p.EncodedBytes - (eols - p.eols)
	switch {
	case p.Children > 0 || p.IsMultipart():
	case p.Encoding == EncodingUnknown:
		p.DecodedBytes, p.DecodedLFBytes = -1, -1
	case s.body.part == i && s.body.encoding == EncodingBase64:
		p.DecodedBytes = s.body.base64.finish(s, off)
		p.DecodedLFBytes = p.DecodedBytes
	case s.body.part == i && s.body.encoding == EncodingQuotedPrintable:
		p.DecodedBytes, p.DecodedLFBytes = s.body.qp.finish(boundary)
	}
	if !p.bounded {
		return
	}
	if !p.Closed && s.state != inCount {
		s.problem(kUnclosed, i, off, s.line, nil)
	}
	switch {
	case p.Children == 0:
		s.problem(kEmptyMultipart, i, p.Body.Offset, p.Body.Line, nil)
	case p.Children == 1 && (p.MediaType == "multipart/mixed" || p.MediaType == "multipart/alternative"):
		s.problem(kSinglePart, i, p.Body.Offset, p.Body.Line, nil)
	}
}

// bodyEnd notes the end of a line of the body.
func (s *Scanner) bodyEnd(e eol, off int64) {
	if s.state == inBody && !s.body.skip && s.body.encoding == EncodingQuotedPrintable {
		s.body.qp.endLine(s, e, off)
	}
}
