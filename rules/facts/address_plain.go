package facts

import (
	"bytes"
	"math/bits"
	"strings"

	"postern/mimesize"
)

// plainItem is an address of a list that plainList has read: places in the list.
type plainItem struct {
	name, nameEnd        int // the display name, if nameEnd > name
	local, at, domainEnd int
	angle                bool
	upper                bool         // there are capitals in the local part
	domain               *knownDomain // nil if it was not among those that were looked up lately
}

// octets of plain lists
const (
	plainAtom   = 1 << iota // of atoms (RFC 5322 section 3.2.3), and dots
	plainDomain             // of labels, and dots
)

var plainOctet = func() (t [256]uint8) {
	for c := range 128 {
		if c == '.' {
			t[c] |= plainAtom | plainDomain
		}
		if atext(byte(c)) {
			t[c] |= plainAtom
		}
		if isLetter(byte(c)) || isDigit(byte(c)) || c == '-' || c == '_' {
			t[c] |= plainDomain
		}
	}
	return t
}()

// plainList reads the first n octets of s into m.items, if they are a list as nearly all are: addresses of ASCII atoms with commas
// between them, with or without a display name and angle brackets; no comments, groups, escapes or encoded words. It is false for any
// other, which the tolerant reader and the strict parser have to be asked about. Of a list that it reads both say the same.
func (m *maker) plainList(s []byte, n int) bool {
	m.items = m.items[:0]
	i := plainBlanks(s, 0, n)
	for {
		var it plainItem
		it.name = i
		dots := false // the local part is right
		// Words, the last of which is a local part if "@" follows.
		for {
			from := i
			if i < n && s[i] == '"' {
				i++
				for i < n && s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\\' {
					i++
				}
				if i == n || s[i] != '"' || i == from+1 {
					return false
				}
				i++
				it.nameEnd = i
				if next := plainBlanks(s, i, n); next > i && next < n {
					i = next
					continue
				}
				if i == n || s[i] != '<' {
					return false
				}
				break
			}
			i, dots, it.upper = atomRun(s, i, n)
			if i == from {
				if i < n && s[i] == '<' {
					break
				}
				return false
			}
			if i < n && s[i] == '@' {
				it.local = from
				break
			}
			it.nameEnd = i
			if next := plainBlanks(s, i, n); next > i {
				i = next
			} else if i == n || s[i] != '<' {
				return false
			}
		}
		switch s[i] {
		case '@':
			if it.nameEnd > it.name {
				return false // words before an address without angle brackets
			}
		case '<':
			it.angle = true
			i++
			it.local = i
			i, dots, it.upper = atomRun(s, i, n)
			if i == n || s[i] != '@' {
				return false
			}
		default:
			return false
		}
		it.at = i
		if !dots {
			return false
		}
		if it.domain, i = m.plainDomain(s, i+1, n); i == 0 {
			return false
		}
		it.domainEnd = i
		if it.angle {
			if i == n || s[i] != '>' {
				return false
			}
			i++
		}
		m.items = append(m.items, it)
		i = plainBlanks(s, i, n)
		if i == n {
			return true
		}
		if s[i] != ',' {
			return false
		}
		i = plainBlanks(s, i+1, n)
	}
}

// atomRun gives the end of the atoms and dots from i on, which is not behind n. Right tells whether there are some, and each dot stands
// between others; upper whether there are capitals.
func atomRun(s []byte, i, n int) (end int, right, upper bool) {
	var twice, capitals uint64
	dot := uint64(0x80) // the octet before is a dot, or there is none
	for i < n {
		v := load(s, i)
		letter, other := wordOctets(v)
		word := (letter | other) &^ v & highBits
		dots := ^((v ^ '.'*ones) + 0x7f*ones) & highBits
		if word == highBits && i+8 <= n {
			twice |= dots & (dots<<8 | dot)
			dot = dots >> 56
			capitals |= letter &^ (v << 2)
			i += 8
			continue
		}
		k := min(bits.TrailingZeros64(word^highBits)>>3, n-i)
		if k > 0 {
			these := uint64(highBits) >> (64 - 8*k)
			dots &= these
			twice |= dots & (dots<<8 | dot)
			dot = dots >> (8*k - 8)
			capitals |= letter &^ (v << 2) & these
			i += k
		}
		if i == n || plainOctet[s[i]]&plainAtom == 0 {
			break
		}
		dot = 0
		i++
	}
	return i, dot|twice == 0, capitals&highBits != 0
}

// wordOctets sets the high bits of octets that are letters, and of those that are digits, "-", "." or "/", as far as no octet is above
// 127: from there on they mean nothing.
func wordOctets(v uint64) (letter, other uint64) {
	lower := v | 0x20*ones
	letter = (lower + (0x80-'a')*ones) &^ (lower + (0x7f-'z')*ones)
	other = (v + (0x80-'-')*ones) &^ (v + (0x7f-'9')*ones)
	return letter, other
}

// plainDomain gives the end of the labels and dots from i on, which is not behind n, and what is known of the domain if it was looked
// up lately. The end is 0 where each dot does not stand between labels, or there are none.
func (m *maker) plainDomain(s []byte, i, n int) (*knownDomain, int) {
	h := uint64(0)
	for from := i; ; {
		v := load(s, i)
		letter, other := wordOctets(v)
		word := (letter | other) &^ v & highBits
		if word == highBits && i+8 <= n {
			h = domainHash(h, v)
			i += 8
			continue
		}
		if k := min(bits.TrailingZeros64(word^highBits)>>3, n-i); k > 0 {
			h = domainHash(h, v&(^uint64(0)>>(64-8*k)))
			i += k
		}
		if d := *m.recentPlace(h); d != nil && d.plain && d.written == string(s[from:i]) && (i == n || s[i] != '_') {
			return d, i
		}
		end, right := labels(s, from, n)
		if !right {
			return nil, 0
		}
		return nil, end
	}
}

// labels gives the end of the labels and dots from i on, which is not behind n. Right tells whether there are some, and each dot stands
// between others.
func labels(s []byte, i, n int) (end int, right bool) {
	dot := true
	for ; i < n && plainOctet[s[i]]&plainDomain != 0; i++ {
		if s[i] != '.' {
			dot = false
		} else if dot {
			return i, false
		} else {
			dot = true
		}
	}
	return i, !dot
}

// plainBlanks gives the place after the blanks and folds from i on, which is not behind n.
func plainBlanks(s []byte, i, n int) int {
	if i < n && s[i] > ' ' {
		return i
	}
	return afterBlanks(s, i, n)
}

func afterBlanks(s []byte, i, n int) int {
	for i < n {
		switch {
		case s[i] == ' ' || s[i] == '\t':
			i++
		case s[i] == '\n' && (i+1 == n || s[i+1] == ' ' || s[i+1] == '\t'):
			i++
		case s[i] == '\r' && i+1 < n && s[i+1] == '\n':
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
		if i = plainBlanks(l.s, i, len(l.s)); i >= to {
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
	value, more := m.rawAndMore(f)
	if m.lists+int64(len(value)) > maxLists || !m.plain(value, more) {
		return false
	}
	m.lists += int64(len(value))
	return true
}

// plain reads a value that is a plain list. More are the octets of the value, and what is in memory behind them.
func (m *maker) plain(value, more []byte) bool {
	if bytes.IndexByte(value, '=') >= 0 && bytes.Contains(value, []byte("=?")) || !m.plainList(more, len(value)) {
		return false
	}
	m.reader.s, m.reader.encoded = value, false
	return true
}

// itemAddress makes a an address of a plain list, normalised.
func (m *maker) itemAddress(k int, a *address) {
	it, s := &m.items[k], m.reader.s
	if it.at-it.local > maxLocal {
		m.reader.mb = mailbox{local: s[it.local:it.at], domain: s[it.at+1 : it.domainEnd], at: true}
		*a = m.address(&m.reader.mb)
		return
	}
	d := it.domain
	if d == nil || d.message != m.head.message && !m.look(d) {
		d = m.domain(s[it.at+1 : it.domainEnd])
	}
	if !d.asWritten || it.upper {
		*a = m.simpleAddress(s[it.local:it.at], d, it.upper)
		return
	}
	a.key = viewOf(s[it.local:it.domainEnd]) // which stays until the message ends
	a.local, a.domain, a.at = a.key[:it.at-it.local], d, true
}

// item makes m.found an address of a plain list. Its display name is left out.
func (m *maker) item(k int, lines *lineCounter) {
	it, l, a := &m.items[k], &m.reader, &m.found
	m.itemAddress(k, &a.address)
	a.mb, a.list, a.line, a.plain = &l.mb, l, lines.at(l.s, it.local), true
	l.mb = mailbox{}
	l.mb.local, l.mb.domain = l.s[it.local:it.at], l.s[it.at+1:it.domainEnd]
	l.mb.at, l.mb.angle, l.mb.off = true, it.angle, it.local
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
