package facts

import "bytes"

// plainItem is an address of a list that plainList has read: places in the list.
type plainItem struct {
	name, nameEnd        int // the display name, if nameEnd > name
	local, at, domainEnd int
	angle                bool
}

// octets of plain lists
const (
	plainAtom   = 1 << iota // of atoms (RFC 5322 section 3.2.3), dots left out
	plainDomain             // of labels
)

var plainOctet = func() (t [256]uint8) {
	for c := range 128 {
		if c != '.' && atext(byte(c)) {
			t[c] |= plainAtom
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
			for i < len(s) && (plainOctet[s[i]]&plainAtom != 0 || s[i] == '.') {
				i++
			}
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
			for i < len(s) && (plainOctet[s[i]]&plainAtom != 0 || s[i] == '.') {
				i++
			}
			if i == len(s) || s[i] != '@' {
				return items, false
			}
		default:
			return items, false
		}
		it.at = i
		i++
		for i < len(s) && (plainOctet[s[i]]&plainDomain != 0 || s[i] == '.') {
			i++
		}
		it.domainEnd = i
		if !dotted(s[it.local:it.at]) || !dotted(s[it.at+1:i]) {
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

// dotted tells whether dots in s, which is nothing else but octets of atoms, stand between others.
func dotted(s []byte) bool {
	return len(s) > 0 && s[0] != '.' && s[len(s)-1] != '.' && !bytes.Contains(s, []byte(".."))
}

// plainBlanks gives the place after blanks and folds from i on.
func plainBlanks(s []byte, i int) int {
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

// plainList yields the addresses of a field that is a plain list. It is false, and has yielded none, if it is not.
func (m *maker) plainList(value []byte, lines *lineCounter, yield func(*found)) (count int, ok bool) {
	if bytes.Contains(value, []byte("=?")) {
		return 0, false
	}
	if m.items, ok = plainList(value, m.items); !ok {
		return 0, false
	}
	l := &m.reader
	l.reset()
	l.s = value
	for k := range m.items {
		it := &m.items[k]
		l.mb = mailbox{
			local: value[it.local:it.at], domain: value[it.at+1 : it.domainEnd], at: true, angle: it.angle, off: it.local,
		}
		if it.nameEnd > it.name {
			l.mb.phrase = l.phraseTokens(it.name, it.nameEnd)
		}
		m.found = found{address: m.address(&l.mb), mb: &l.mb, list: l, line: lines.at(value, it.local), plain: true}
		yield(&m.found)
	}
	return len(m.items), true
}
