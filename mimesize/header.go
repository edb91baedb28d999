package mimesize

import (
	"bytes"
	"slices"
)

// header is what is known of the header block that is being read.
type header struct {
	off, line, wire int64 // where it begins
	fields          int   // fields met, those over a limit too
	current         int   // index in Result.Fields of the field that continuation lines belong to, -1 for none
	open            bool  // a field was met, so that a continuation line has something to continue
	full            bool  // a limit was reported for this block

	collect  collect
	at       int64 // where the collected field begins
	atLine   int64
	folded   bool   // its colon stands on its second line
	value    []byte // its value, folded as it stands
	types    int    // Content-Type fields
	ctype    contentType
	codings  int // Content-Transfer-Encoding fields
	encoding Encoding
}

// collect tells which field's value is kept.
type collect uint8

const (
	collectNone collect = iota
	collectType
	collectEncoding
)

// startPart begins a part at off, the start of the line that comes next.
func (s *Scanner) startPart(parent int, off int64) {
	r := &s.res
	n := len(r.Parts)
	if parent >= 0 {
		switch {
		case r.Parts[parent].Depth >= s.limits.Depth:
			s.stop(kLimitDepth, parent, off)
			return
		case n >= s.limits.Parts:
			s.stop(kLimitParts, parent, off)
			return
		}
	}
	r.Parts = roomFor(r.Parts)[:n+1]
	p := &r.Parts[n]
	*p = Part{}
	p.Parent, p.MediaType, p.Closed, p.Header.Offset, p.Header.Line = parent, "text/plain", true, off, s.line
	if parent >= 0 {
		up := &r.Parts[parent]
		up.Children++
		p.Depth = up.Depth + 1
		p.Ordinal = up.Children
		p.Embedded = up.Embedded || !up.IsMultipart()
		if up.MediaType == "multipart/digest" {
			p.MediaType = "message/rfc822" // RFC 2046 section 5.1.5
		}
	}
	p.FirstField, p.EndField = len(r.Fields), len(r.Fields)
	s.cur = n
	s.state = inHeader
	value := s.hdr.value[:0]
	s.hdr = header{}
	s.hdr.off, s.hdr.line, s.hdr.wire, s.hdr.current, s.hdr.value = off, s.line, off+s.bareLF, -1, value
	if p.Depth == 21 {
		s.problem(kDepth20, s.cur, off, s.line, nil)
	}
}

// roomFor doubles a full slice. A message with very many parts leaves less garbage so than with append's smaller steps.
func roomFor[T any](l []T) []T {
	if len(l) < cap(l) {
		return l
	}
	return slices.Grow(l, max(len(l), 8))
}

// stop ends the reading of structure; what is open then extends to the end of the message.
func (s *Scanner) stop(k kind, part int, off int64) {
	s.problem(k, part, off, s.line, nil)
	s.res.Truncated = true
	s.state = inCount
	s.cur = part
}

// classify looks at what a line is, from its first octets, and takes the steps that come before it is counted.
func (s *Scanner) classify(text, next []byte, off int64) {
	s.body.skip = false
	if len(text) > 0 && text[0] == '.' {
		s.res.Lines.Dots++
	}
	for s.state == inHeader {
		if s.headerLine(text, next, off) {
			return
		}
	}
	if s.state == inCount || len(text) < 2 {
		return
	}
	switch {
	case text[0] == '-' && text[1] == '-' && len(s.frames) > 0:
		s.boundaryLine(text, off)
	case text[0] == 'F' && bytes.HasPrefix(text, []byte("From ")):
		s.problem(kMboxFrom, s.cur, off, s.line, text)
	}
}

// headerLine reads a line of a header block. It returns false when the block ended before the line, which is then to be
// looked at again.
func (s *Scanner) headerLine(text, next []byte, off int64) bool {
	h := &s.hdr
	if len(text) == 0 {
		s.endHeader(off)
		s.pending = beginBody
		return true
	}
	if c := text[0]; c == ' ' || c == '\t' {
		switch {
		case !h.open:
			s.problem(kHeaderName, s.cur, off, s.line, text)
		case len(bytes.TrimLeft(text, " \t")) == 0:
			s.problem(kHeaderFold, s.cur, off, s.line, nil)
		}
		if h.collect != collectNone {
			s.keep('\n', text)
		}
		return true
	}
	if text[0] == '-' && s.isOpenBoundary(text) {
		// RFC 2046 section 5.1.1: a part may end with its header, and a boundary may hold a colon.
		s.endField()
		s.endHeader(off)
		s.startBody(off)
		return false
	}
	name, colon := fieldName(text)
	if name > 0 {
		s.field(text, name, colon, off)
		return true
	}
	if foldedColon(text, next) {
		// QUIRK: "From", line end, " : a@example.com" is a From field to readers that unfold first, and to others none.
		s.field(text, len(text), len(text), off)
		s.problem(kFoldBeforeColon, s.cur, off, s.line, text)
		return true
	}
	s.endField()
	if text[0] == '-' && s.isOwnBoundary(text) {
		s.endHeader(off)
		s.startBody(off)
		return false
	}
	if s.goesOn(text, next) {
		s.problem(kHeaderName, s.cur, off, s.line, text)
		h.current, h.open = -1, true
		return true
	}
	s.problem(kMissingSeparator, s.cur, off, s.line, text)
	s.endHeader(off)
	s.startBody(off)
	return false
}

// fieldName gives the length of the field name that text begins with and the place of the colon, or 0 if it begins with none.
// Blanks between name and colon are obsolete syntax (RFC 5322 section 4.5.8) and are read.
func fieldName(text []byte) (name, colon int) {
	for i, c := range text {
		if c > ' ' && c < 0x7f && c != ':' {
			continue
		}
		j := i
		for j < len(text) && (text[j] == ' ' || text[j] == '\t') {
			j++
		}
		if i > 0 && j < len(text) && text[j] == ':' {
			return i, j
		}
		return 0, 0
	}
	return 0, 0
}

// goesOn tells whether a header block goes on after a line that is no field. It does when the line looks like a field with a
// damaged name, when a field follows, or when it is the last before the empty line. Everything else is the body of a message
// that lacks the empty line.
//
// QUIRK: readers differ here: Postfix and Python end the header at such a line, others skip it. To skip it sees every address
// field that some reader sees.
func (s *Scanner) goesOn(text, next []byte) bool {
	if i := bytes.IndexByte(text[:min(len(text), 80)], ':'); i >= 0 && bytes.IndexByte(text[:i], ' ') < 0 {
		return true
	}
	if i := bytes.IndexByte(next, s.eolByte()); i >= 0 {
		next = next[:i]
		if len(next) == 0 || len(next) == 1 && next[0] == '\r' {
			return s.hdr.open
		}
	}
	name, _ := fieldName(next)
	return name > 0
}

// field begins a header field.
func (s *Scanner) field(text []byte, name, colon int, off int64) {
	s.endField()
	h := &s.hdr
	h.open = true
	h.fields++
	h.current = -1
	switch {
	case h.fields > s.limits.Fields || len(s.res.Fields) >= s.limits.AllFields:
		if !h.full {
			h.full = true
			s.problem(kLimitFields, s.cur, off, s.line, nil)
			s.res.Truncated = true
		}
	default:
		h.current = len(s.res.Fields)
		s.res.Fields = append(roomFor(s.res.Fields), Field{Span: Span{Offset: off, Line: s.line}, Name: name, Part: s.cur})
	}
	if colon != name && colon < len(text) {
		s.problem(kHeaderName, s.cur, off, s.line, text[:colon])
	}
	if h.collect = collects(text[:name]); h.collect == collectNone {
		return
	}
	h.at, h.atLine, h.folded = off, s.line, colon == len(text)
	h.value = h.value[:0]
	s.keep(0, text[min(colon+1, len(text)):])
}

// foldedColon tells that text is a field name whose colon stands on the continuation line that follows.
func foldedColon(text, next []byte) bool {
	for _, c := range text {
		if c <= ' ' || c >= 0x7f || c == ':' {
			return false
		}
	}
	rest := bytes.TrimLeft(next[:min(len(next), lookahead)], " \t")
	return len(rest) > 0 && (next[0] == ' ' || next[0] == '\t') && rest[0] == ':'
}

// keep adds a line to the collected value, up to the limit of a field.
func (s *Scanner) keep(sep byte, text []byte) {
	h := &s.hdr
	if room := s.limits.FieldBytes - len(h.value) - 1; room < len(text) {
		text = text[:max(room, 0)]
	}
	if sep != 0 {
		h.value = append(h.value, sep)
	}
	h.value = append(h.value, text...)
}

// endField reads the collected value, if there is one.
func (s *Scanner) endField() {
	h := &s.hdr
	c := h.collect
	h.collect = collectNone
	if c != collectNone && h.folded {
		_, h.value, _ = bytes.Cut(h.value, []byte{':'})
	}
	switch c {
	case collectType:
		h.types++
		if h.types == 1 {
			h.ctype = s.contentType(h.value)
			s.typeProblems()
			break
		}
		again := parseContentType(h.value, nil)
		if again.mediaType != h.ctype.mediaType || !bytes.Equal(again.boundary, h.ctype.boundary) {
			s.problem(kDuplicateType, s.cur, h.at, h.atLine, h.value)
		}
	case collectEncoding:
		h.codings++
		e, clean := parseEncoding(h.value)
		switch {
		case h.codings > 1 && e != h.encoding:
			s.problem(kDuplicateEncoding, s.cur, h.at, h.atLine, h.value)
			return
		case h.codings > 1:
			return
		case e == EncodingUnknown || !clean:
			s.problem(kCTEUnknown, s.cur, h.at, h.atLine, bytes.TrimSpace(h.value))
		}
		h.encoding = e
	}
}

func (s *Scanner) typeProblems() {
	h := &s.hdr
	ct := &h.ctype
	if !ct.syntax && !ct.comment && !ct.ambiguous {
		return
	}
	v := bytes.TrimSpace(h.value)
	if ct.syntax {
		s.problem(kTypeSyntax, s.cur, h.at, h.atLine, v)
		if ct.unclear {
			s.problem(kUnclearType, s.cur, h.at, h.atLine, v)
		}
	}
	if ct.comment {
		s.problem(kCommentInType, s.cur, h.at, h.atLine, v)
	}
	if ct.ambiguous {
		s.problem(kBadParameter, s.cur, h.at, h.atLine, v)
	}
}

// headerEnd notes the end of a header line: off is the start of the next.
func (s *Scanner) headerEnd(off int64) {
	h := &s.hdr
	if h.current >= 0 {
		f := &s.res.Fields[h.current]
		limit := int64(s.limits.FieldBytes)
		if n := off - f.Offset; n > limit && f.Length <= limit {
			s.problem(kLimitFieldBytes, s.cur, f.Offset, f.Line, nil)
		}
		f.Length = off - f.Offset
	}
	if n := off - h.off; n > int64(s.limits.HeaderBytes) && !h.full {
		h.full = true
		s.problem(kLimitHeaderBytes, s.cur, h.off, h.line, nil)
	}
}

// endHeader closes the header block at off, the start of the separator line or of the first line of the body.
func (s *Scanner) endHeader(off int64) {
	s.endField()
	h := &s.hdr
	h.current = -1
	p := &s.res.Parts[s.cur]
	p.Header.Length = off - h.off
	p.HeaderBytes = off + s.bareLF - h.wire
	p.EndField = len(s.res.Fields)
	p.Encoding = h.encoding
	if h.ctype.mediaType != "" {
		p.MediaType = h.ctype.mediaType
	}
}
