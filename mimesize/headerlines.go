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
	from, controls := -controlsAtOnce, uint64(0) // what is known of the controls in b[from:], a bit for each octet
	for pos < whole {
		start := headerStart[b[pos]]
		if start == startsOther {
			break
		}
		printable, end := 0, pos+1
		for {
			if end-from >= controlsAtOnce {
				from = end
				controls = controlsIn(b[from:])
			}
			m := controls >> (end - from)
			if m == 0 {
				end = from + controlsAtOnce
				continue
			}
			end += bits.TrailingZeros64(m)
			if printable == 0 {
				printable = end
			}
			if end == len(b) || b[end] != '\t' {
				break
			}
			end++
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
			colon := pos + colonOrSpace(b[pos:min(printable+16, len(b))])
			if colon >= printable || b[colon] != ':' || next-pos > s.limits.FieldBytes || room <= 0 {
				break
			}
			if s.leading && colon-pos == len(lengthField) && foldsTo(b[pos:colon], lengthField) {
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
			fields = fields[:len(fields)+1]
			f := &fields[len(fields)-1]
			f.Offset, f.Length, f.Line, f.Name, f.Part = off+int64(pos), int64(next-pos), s.line, colon-pos, s.cur
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
	case len(name) == 12 && foldsTo(name, typeField):
		return collectType
	case len(name) == 25 && foldsTo(name, encodingField):
		return collectEncoding
	}
	return collectNone
}

var (
	typeField     = []byte("content-type")
	encodingField = []byte("content-transfer-encoding")
	lengthField   = []byte("content-length")
)

// foldsTo tells whether name, which holds no blanks and controls, is the other, as long and in lower case, without regard to case. They
// have eight octets or more.
func foldsTo(name, lower []byte) bool {
	for i := 0; ; i += 8 {
		i = min(i, len(name)-8)
		if binary.LittleEndian.Uint64(name[i:])|0x20*ones != binary.LittleEndian.Uint64(lower[i:]) {
			return false
		}
		if i+8 == len(name) {
			return true
		}
	}
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

// controlsAtOnce is how many octets controlsIn looks at.
const controlsAtOnce = 64

// controlsIn sets bits for those of the first octets of b that are below 0x20 or above 0x7e, and for the end of b. With a bit for each
// octet the processor need not guess how long lines are.
func controlsIn(b []byte) (controls uint64) {
	if len(b) < controlsAtOnce {
		var padded [controlsAtOnce]byte
		copy(padded[:], b)
		b = padded[:]
	}
	b = b[:controlsAtOnce]
	le := binary.LittleEndian
	return controlsOf(le.Uint64(b)) | controlsOf(le.Uint64(b[8:]))<<8 | controlsOf(le.Uint64(b[16:]))<<16 | controlsOf(le.Uint64(b[24:]))<<24 |
		controlsOf(le.Uint64(b[32:]))<<32 | controlsOf(le.Uint64(b[40:]))<<40 | controlsOf(le.Uint64(b[48:]))<<48 | controlsOf(le.Uint64(b[56:]))<<56
}

// controlsOf is controlsIn of eight octets.
func controlsOf(v uint64) uint64 {
	low := v &^ highBits
	m := (^(low + (0x80-0x20)*ones) | (low + (0x80-0x7f)*ones) | v) & highBits
	return m * 0x2040810204081 >> 56 // the high bits one beside the other
}

// colonOrSpace gives the place of the first colon or space, or len(b).
func colonOrSpace(b []byte) int {
	i := 0
	for ; i+16 <= len(b); i += 16 {
		m, other := colonsOrSpaces(binary.LittleEndian.Uint64(b[i:])), colonsOrSpaces(binary.LittleEndian.Uint64(b[i+8:]))
		if m|other == 0 {
			continue
		}
		n := bits.TrailingZeros64(m)
		if m == 0 {
			n = 64 + bits.TrailingZeros64(other)
		}
		return i + n/8
	}
	for ; i < len(b); i++ {
		if b[i] == ':' || b[i] == ' ' {
			break
		}
	}
	return i
}

// colonsOrSpaces sets the high bit of the first colon or space, and maybe others behind it.
func colonsOrSpaces(v uint64) uint64 {
	x, y := v^':'*ones, v^' '*ones
	return ((x-ones)&^x | (y-ones)&^y) & highBits
}
