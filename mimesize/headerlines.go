package mimesize

import (
	"encoding/binary"
	"math/bits"
)

// headerStart tells what a header line that begins with an octet can be: a field, or the continuation of one.
var headerStart = func() (t [256]uint8) {
	for i := '!'; i < 0x7f; i++ {
		t[i] = startsField
	}
	t[':'], t['.'] = startsOther, startsOther
	t['-'] = startsOther // it may be a boundary line, which goes before a field
	t[' '], t['\t'] = startsFold, startsFold
	return t
}()

const (
	startsOther = iota
	startsField
	startsFold
)

// headerLines is quickLines in a header: fields and their continuation, in ASCII, without control characters and within all limits.
func (s *Scanner) headerLines(b []byte, off int64) int {
	h := &s.hdr
	fields := s.res.Fields
	room := min(s.limits.Fields-h.fields, s.limits.AllFields-len(fields)) // for fields, within the limits
	whole := len(b)                                                       // up to where lines are read
	if !s.eof {
		whole -= lookahead
	}
	whole = int(min(int64(whole), h.off+int64(s.limits.HeaderBytes)-off))
	lines := lineRun{first: s.line}
	pos := 0
	for pos < whole {
		start := headerStart[b[pos]]
		if start == startsOther {
			break
		}
		printable := printableEnd(b, pos+1)
		end := printable
		for end < len(b) && b[end] == '\t' {
			end = printableEnd(b, end+1)
		}
		next, e := end+1, eolLF
		if end >= len(b) || b[end] != '\n' {
			if next >= len(b) || b[end] != '\r' || b[next] != '\n' {
				break
			}
			next, e = end+2, eolCRLF
		}
		if next > whole {
			break
		}
		if start == startsFold {
			if !h.open || isBlank(b[pos:end]) {
				break
			}
			if h.current >= 0 {
				f := &fields[h.current]
				length := off + int64(next) - f.Offset
				if length > int64(s.limits.FieldBytes) {
					break
				}
				f.Length = length
			}
			if h.collect != collectNone {
				s.keep('\n', b[pos:end])
			}
		} else {
			colon := pos + colonOrSpace(b[pos:printable])
			if colon == printable || b[colon] != ':' || next-pos > s.limits.FieldBytes || room <= 0 {
				break
			}
			if h.collect != collectNone {
				s.endField()
			}
			room--
			h.open, h.current = true, len(fields)
			h.fields++
			if len(fields) == cap(fields) {
				fields = roomFor(fields)
			}
			fields = append(fields, Field{
				Span: Span{Offset: off + int64(pos), Length: int64(next - pos), Line: s.line}, Name: colon - pos, Part: s.cur,
			})
			if h.collect = collects(b[pos:colon]); h.collect != collectNone {
				h.at, h.atLine, h.folded = off+int64(pos), s.line, false
				h.value = h.value[:0]
				s.keep(0, b[colon+1:end])
			}
		}
		if n := end - pos; n > lines.longest {
			if n > 78 {
				s.overlong(int64(n), off+int64(pos))
			}
			lines.longest, lines.longLine = n, s.line
		} else if n > 78 {
			s.overlong(int64(n), off+int64(pos))
		}
		lines.ends(e, off+int64(end), s.line)
		s.line++
		pos = next
	}
	s.res.Fields = fields
	s.tellLines(&lines)
	return pos
}

// collects tells which fields are kept to be read.
func collects(name []byte) collect {
	switch {
	case len(name) == 12 && foldsTo(name, "content-type"):
		return collectType
	case len(name) == 25 && foldsTo(name, "content-transfer-encoding"):
		return collectEncoding
	}
	return collectNone
}

// foldsTo tells whether name, which holds no blanks and controls, is the other, in lower case, without regard to case.
func foldsTo(name []byte, lower string) bool {
	for i, c := range name {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return true
}

const ones = 0x0101010101010101

// printableEnd gives the place of the first octet below 0x20 or above 0x7e from i on, or len(b).
func printableEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		// Below an octet that is found, borrows and carries do no harm to what is not.
		v := binary.LittleEndian.Uint64(b[i:])
		if m := ((v-0x20*ones)&^v | v | (v + ones)) & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < 0x20 || c > 0x7e {
			break
		}
	}
	return i
}

// colonOrSpace gives the place of the first colon or space, or len(b).
func colonOrSpace(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		v := binary.LittleEndian.Uint64(b[i:])
		x, y := v^':'*ones, v^' '*ones
		if m := ((x-ones)&^x | (y-ones)&^y) & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(b); i++ {
		if b[i] == ':' || b[i] == ' ' {
			break
		}
	}
	return i
}
