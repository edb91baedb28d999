package facts

import (
	"bytes"
	"strings"

	"postern/mimesize"
)

const (
	// maxStrict bounds the value that the strict parser is shown: it formats errors with the whole rest of the list.
	maxStrict = 64 << 10
	// maxLists bounds the octets of address fields that are read of one message. What is longer is counted up to there.
	maxLists = 8 << 20
)

// found is an address with where and how it was found.
type found struct {
	address
	mb   *mailbox // nil for an address that only the strict parser found
	list *listReader
	line int64
	// plain tells that local part and domain are ASCII atoms.
	plain bool
	// over tells that it comes after as many as are kept, and was only counted.
	over bool
	// before is where what the address is known by begins, for who does not keep it.
	before arenaMark
}

// listSummary is what is known of the lists of one field.
type listSummary struct {
	damage        damage
	groups, empty int
	count         int
	uncertain     bool // the strict parser does not agree, or not all was read
}

// readList reads the addresses of one field with the tolerant reader, and lets the strict parser confirm them. Addresses
// that only the strict parser finds are yielded too, so that the count is the greater of the two.
func (m *maker) readList(f mimesize.Field, yield func(*found)) listSummary {
	if !m.plainField(f) {
		return m.readOddList(f, neverFull, yield)
	}
	lines := lineCounter{line: f.Line}
	for k := range m.items {
		m.item(k, &lines)
		yield(&m.found)
	}
	return listSummary{count: len(m.items)}
}

// readOddList is readList for what is no plain list. Once the caller is full, the addresses that come are not looked at.
func (m *maker) readOddList(f mimesize.Field, full func() bool, yield func(*found)) listSummary {
	value := m.raw(f)
	compare := f.Length <= maxStrict
	lines := lineCounter{line: f.Line}
	l := &m.reader
	l.reset()
	m.listed = m.listed[:0]
	over := false
	l.yield = func(mb *mailbox) {
		over = over || full()
		m.found = found{mb: mb, list: l, line: lines.at(l.s, mb.off), over: over}
		if !over && !mb.null {
			m.found.before = m.keys.mark()
			m.found.address = m.address(mb)
			if compare {
				m.listed = append(m.listed, m.found.key)
			}
		}
		yield(&m.found)
	}
	whole := m.readPieces(f, value, l, &lines)
	s := listSummary{damage: l.damage, groups: l.groups, empty: l.empty, count: l.count}
	switch {
	case !whole:
		s.damage |= fieldLength
		s.uncertain = true
	case over:
		s.uncertain = true
	case !compare:
		s.uncertain = l.damage != 0
	default:
		s.uncertain = m.confirm(unfold(value), m.listed, func(a address) {
			s.count++
			yield(&found{address: a, line: f.Line})
		})
	}
	return s
}

// neverFull is for who keeps no addresses.
func neverFull() bool { return false }

// readPieces reads a list of any length in pieces of at most maxField octets that end at a separator. It returns false if
// the message has more in its lists than is read.
func (m *maker) readPieces(f mimesize.Field, value []byte, l *listReader, lines *lineCounter) bool {
	done := f.Length - int64(len(value)) // name and colon
	if f.Length > maxField {
		done = min(f.Length, maxField) - int64(len(value))
	}
	for {
		last := done+int64(len(value)) >= f.Length
		if m.lists += int64(len(value)); m.lists > maxLists {
			return false
		}
		if !last {
			value = value[:wholeItems(value)]
		}
		if len(value) == 0 {
			return last
		}
		l.read(value)
		lines.next(value)
		if last {
			return true
		}
		done += int64(len(value))
		m.piece = m.readAt(m.piece[:0], f.Offset+done, min(f.Length-done, maxField))
		value = m.piece
	}
}

// wholeItems gives the end of the last address in the beginning of a list, so that the list can be cut there.
func wholeItems(s []byte) int {
	var l listReader
	l.read(s)
	if l.lastSeparator == 0 {
		return len(s)
	}
	return l.lastSeparator
}

// confirm compares what the tolerant reader found in a list with what the strict parser finds, and tells whether they
// differ. Addresses that only the strict parser found are handed to more.
func (m *maker) confirm(value string, keys []string, more func(address)) (differ bool) {
	if value == "" {
		return false
	}
	list, ok := simpleList(value)
	if !ok {
		var err error
		if list, err = lib.AddressList(value); err != nil {
			return true
		}
	}
	same := len(list) == len(keys)
	var seen map[string]bool // from where the two part
	for n, a := range list {
		i := strings.LastIndexByte(a, '@')
		if i < 0 {
			continue
		}
		mb := mailbox{local: quoteLocal(a[:i]), domain: octetsOf(a[i+1:]), at: true}
		other := m.address(&mb)
		if n < len(keys) && keys[n] == other.key {
			continue
		}
		if seen == nil {
			seen = make(map[string]bool, len(keys))
			for _, k := range keys {
				seen[k] = true
			}
		}
		if !seen[other.key] {
			same = false
			seen[other.key] = true
			more(other)
		}
	}
	return !same
}

// lineCounter turns growing places in a field's value into line numbers.
type lineCounter struct {
	line int64
	done int
}

func (c *lineCounter) at(s []byte, off int) int64 {
	if off > c.done {
		c.line += lineEnds(s[c.done:off])
		c.done = off
	}
	return c.line
}

// next goes on to the piece after s.
func (c *lineCounter) next(s []byte) {
	c.at(s, len(s))
	c.done = 0
}

func lineEnds(b []byte) int64 {
	if len(b) < 32 { // as between two addresses
		lf, cr := int64(0), int64(0)
		for _, c := range b {
			if c == '\n' {
				lf++
			} else if c == '\r' {
				cr++
			}
		}
		if lf > 0 {
			return lf
		}
		return cr
	}
	if n := bytes.Count(b, []byte{'\n'}); n > 0 {
		return int64(n)
	}
	return int64(bytes.Count(b, []byte{'\r'}))
}

// display gives the display name of a mailbox as text: quotes and escapes taken away, encoded words decoded. An address
// without one has the comment beside it for a name, as RFC 822 mail programs write it.
func (l *listReader) display(mb *mailbox) string {
	return strings.TrimSpace(cut(decodeWords(l.displayRaw(mb)), maxName))
}

// maxName bounds a display name, in octets.
const maxName = 1000

func (l *listReader) displayRaw(mb *mailbox) string {
	if len(mb.phrase) == 0 {
		return unfold(mb.comment[:min(len(mb.comment), maxName)])
	}
	var buf [80]byte
	b := buf[:0]
	for i, t := range mb.phrase {
		if i > 0 && t.spaced {
			b = append(b, ' ')
		}
		text := l.s[t.from:t.to]
		if t.kind == quoted {
			b = append(b, unquoteLocal(unfold(text))...)
		} else {
			b = append(b, text...)
		}
		if len(b) > maxName {
			break
		}
	}
	return string(b)
}

// quotedWord gives the first quoted string of a display name that holds an encoded word (RFC 2047 section 5 forbids it).
func (l *listReader) quotedWord(mb *mailbox) string {
	for _, t := range mb.phrase {
		if t.kind != quoted {
			continue
		}
		text := string(l.s[t.from:min(t.to, t.from+maxName)])
		if w, ok := nextWord(text, 0); ok {
			return text[w.from:w.to]
		}
	}
	return ""
}
