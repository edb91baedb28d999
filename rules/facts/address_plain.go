package facts

import (
	"bytes"
	"strings"

	"postern/mimesize"
)

// plainItem is an address of a list that plainList has read: places in the list.
type plainItem struct {
	name, nameEnd        int // the display name, if nameEnd > name
	local, at, domainEnd int
	angle                bool
	upper                bool // there are capitals in the local part
}

// octets of plain lists
const (
	plainAtom   = 1 << iota // of atoms (RFC 5322 section 3.2.3), and dots
	plainDomain             // of labels, and dots
	plainDot
	plainUpper
)

var plainOctet = func() (t [256]uint8) {
	for c := range 128 {
		if c == '.' {
			t[c] |= plainAtom | plainDomain | plainDot
		}
		if atext(byte(c)) {
			t[c] |= plainAtom
		}
		if isUpper(byte(c)) {
			t[c] |= plainUpper
		}
		if isLetter(byte(c)) || isDigit(byte(c)) || c == '-' || c == '_' {
			t[c] |= plainDomain
		}
	}
	return t
}()

// plainList reads a list as nearly all are: addresses of ASCII atoms with commas between them, with or without a display name and
// angle brackets; no comments, groups, escapes or encoded words. It is false for any other, which the tolerant reader and the
// strict parser have to be asked about. Of a list that it reads both say the same.
func plainList(s []byte, items []plainItem) ([]plainItem, bool) {
	items = items[:0]
	i := plainBlanks(s, 0)
	for {
		var it plainItem
		it.name = i
		dots := false // the local part is right
		// Words, the last of which is a local part if "@" follows.
		for {
			from := i
			if i < len(s) && s[i] == '"' {
				i++
				for i < len(s) && s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\' {
					i++
				}
				if i == len(s) || s[i] != '"' || i == from+1 {
					return items, false
				}
				i++
				it.nameEnd = i
				if next := plainBlanks(s, i); next > i && next < len(s) {
					i = next
					continue
				}
				if i == len(s) || s[i] != '<' {
					return items, false
				}
				break
			}
			i, dots, it.upper = plainRun(s, i, plainAtom)
			if i == from {
				if i < len(s) && s[i] == '<' {
					break
				}
				return items, false
			}
			if i < len(s) && s[i] == '@' {
				it.local = from
				break
			}
			it.nameEnd = i
			if next := plainBlanks(s, i); next > i {
				i = next
			} else if i == len(s) || s[i] != '<' {
				return items, false
			}
		}
		switch s[i] {
		case '@':
			if it.nameEnd > it.name {
				return items, false // words before an address without angle brackets
			}
		case '<':
			it.angle = true
			i++
			it.local = i
			i, dots, it.upper = plainRun(s, i, plainAtom)
			if i == len(s) || s[i] != '@' {
				return items, false
			}
		default:
			return items, false
		}
		it.at = i
		if !dots {
			return items, false
		}
		i, dots, _ = plainRun(s, i+1, plainDomain)
		it.domainEnd = i
		if !dots {
			return items, false
		}
		if it.angle {
			if i == len(s) || s[i] != '>' {
				return items, false
			}
			i++
		}
		items = append(items, it)
		i = plainBlanks(s, i)
		if i == len(s) {
			return items, true
		}
		if s[i] != ',' {
			return items, false
		}
		i = plainBlanks(s, i+1)
	}
}

// plainRun gives the end of the octets of a kind, and dots, from i on. Right tells whether there are some, and each dot stands between
// others; upper whether there are capitals.
func plainRun(s []byte, i int, kind uint8) (end int, right, upper bool) {
	seen, twice, dot := uint8(0), uint8(0), uint8(plainDot)
	for ; i < len(s); i++ {
		c := plainOctet[s[i]]
		if c&kind == 0 {
			break
		}
		seen |= c
		twice |= c & dot
		dot = c & plainDot
	}
	return i, dot|twice == 0, seen&plainUpper != 0
}

// plainBlanks gives the place after blanks and folds from i on.
func plainBlanks(s []byte, i int) int {
	if i < len(s) && s[i] > ' ' {
		return i
	}
	return afterBlanks(s, i)
}

func afterBlanks(s []byte, i int) int {
	for i < len(s) {
		switch {
		case s[i] == ' ' || s[i] == '\t':
			i++
		case s[i] == '\n' && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\t'):
			i++
		case s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n':
			i++
		default:
			return i
		}
	}
	return i
}

// phraseTokens gives the words of a display name that plainList has read.
func (l *listReader) phraseTokens(from, to int) []token {
	l.phrase = l.phrase[:0]
	for i := from; i < to; {
		start := i
		if i = plainBlanks(l.s, i); i >= to {
			break
		}
		t := token{spaced: i > start, from: i}
		if l.s[i] == '"' {
			t.kind = quoted
			i += 2 + bytes.IndexByte(l.s[i+1:to], '"')
		} else {
			for i < to && class[l.s[i]] == cAtom {
				i++
			}
		}
		t.to = i
		l.phrase = append(l.phrase, t)
	}
	return l.phrase
}

// plainField reads a field that is a plain list into m.items and m.reader. It is false if it is none, or if there are too many octets
// of address fields to look at it so.
func (m *maker) plainField(f mimesize.Field) bool {
	if f.Length > maxStrict {
		return false
	}
	value := m.raw(f)
	if m.lists+int64(len(value)) > maxLists || !m.plain(value) {
		return false
	}
	m.lists += int64(len(value))
	return true
}

// plain reads a value that is a plain list.
func (m *maker) plain(value []byte) (ok bool) {
	if bytes.IndexByte(value, '=') >= 0 && bytes.Contains(value, []byte("=?")) {
		return false
	}
	if m.items, ok = plainList(value, m.items); ok {
		m.reader.s, m.reader.encoded = value, false
	}
	return ok
}

// itemAddress normalises an address of a plain list.
func (m *maker) itemAddress(k int) address {
	it, s := &m.items[k], m.reader.s
	local, dom := s[it.local:it.at], s[it.at+1:it.domainEnd]
	if len(local) <= maxLocal {
		return m.simpleAddress(local, dom, it.upper)
	}
	m.reader.mb = mailbox{local: local, domain: dom, at: true}
	return m.address(&m.reader.mb)
}

// item makes m.found an address of a plain list. Its display name is left out.
func (m *maker) item(k int, lines *lineCounter) {
	it, l := &m.items[k], &m.reader
	a := m.itemAddress(k)
	l.mb = mailbox{local: l.s[it.local:it.at], domain: l.s[it.at+1 : it.domainEnd], at: true, angle: it.angle, off: it.local}
	m.found = found{address: a, mb: &l.mb, list: l, line: lines.at(l.s, it.local), plain: true}
}

// itemName gives the display name of an address of a plain list, as listReader.display does. It is valid as long as the facts.
func (m *maker) itemName(k int) string {
	it, l := &m.items[k], &m.reader
	if it.nameEnd <= it.name {
		return ""
	}
	b := l.scratch[:0]
	for i, t := range l.phraseTokens(it.name, it.nameEnd) {
		if i > 0 {
			b = append(b, ' ')
		}
		if t.kind == quoted {
			t.from, t.to = t.from+1, t.to-1
		}
		if b = append(b, l.s[t.from:t.to]...); len(b) > maxName {
			break
		}
	}
	l.scratch = b
	return m.keep(strings.TrimSpace(cut(viewOf(b), maxName)))
}
