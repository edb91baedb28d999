package mimesize

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// headerStart tells what a header line that begins with an octet can be: a field, or the continuation of one.
var headerStart = func() (t [256]uint8) {
	for i := '!'; i < 0x7f; i++ {
		t[i] = startsField
	}
	t[':'], t['.'] = startsOther, startsOther
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
	var r run
	pos := 0
	ahead := lookahead
	if s.eof {
		ahead = 0
	}
	for pos < len(b) {
		rest := b[pos:]
		start := headerStart[rest[0]]
		if start == startsOther {
			break
		}
		printable := 1 + nextControl(rest[1:])
		n := printable
		for n < len(rest) && rest[n] == '\t' {
			n += 1 + nextControl(rest[n+1:])
		}
		next, e := n+1, eolLF
		if n >= len(rest) || rest[n] != '\n' {
			if next >= len(rest) || rest[n] != '\r' || rest[next] != '\n' {
				break
			}
			next, e = n+2, eolCRLF
		}
		end := off + int64(pos+next)
		if len(rest)-next < ahead || end-h.off > int64(s.limits.HeaderBytes) {
			break
		}
		if start == startsFold {
			if !h.open || isBlank(rest[:n]) {
				break
			}
			if h.current >= 0 {
				f := &s.res.Fields[h.current]
				if end-f.Offset > int64(s.limits.FieldBytes) {
					break
				}
				f.Length = end - f.Offset
			}
			if h.collect != collectNone {
				s.keep('\n', rest[:n])
			}
		} else {
			name := colonOrSpace(rest[:printable])
			if name == printable || rest[name] != ':' || int64(next) > int64(s.limits.FieldBytes) ||
				h.fields >= s.limits.Fields || len(s.res.Fields) >= s.limits.AllFields {
				break
			}
			if h.collect != collectNone {
				s.endField()
			}
			h.open, h.current = true, len(s.res.Fields)
			h.fields++
			s.res.Fields = append(roomFor(s.res.Fields), Field{
				Span: Span{Offset: off + int64(pos), Length: int64(next), Line: s.line}, Name: name, Part: s.cur,
			})
			if h.collect = collects(rest[:name]); h.collect != collectNone {
				h.at, h.atLine, h.folded = off+int64(pos), s.line, false
				h.value = h.value[:0]
				s.keep(0, rest[name+1:n])
			}
		}
		if n > 78 {
			s.overlong(int64(n), off+int64(pos))
		}
		r.add(n, e, off+int64(pos+n), s.line)
		s.line++
		pos += next
	}
	s.tell(&r)
	return pos
}

// collects tells which fields are kept to be read.
func collects(name []byte) collect {
	switch {
	case len(name) == 12 && name[0]|0x20 == 'c' && strings.EqualFold(string(name), "Content-Type"):
		return collectType
	case len(name) == 25 && name[0]|0x20 == 'c' && strings.EqualFold(string(name), "Content-Transfer-Encoding"):
		return collectEncoding
	}
	return collectNone
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

// nextControl gives the place of the first octet below 0x20 or above 0x7e, or len(b).
func nextControl(b []byte) int {
	i := 0
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
