package guard

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// maxMade bounds the texts that one rule makes, in octets.
const maxMade = 1 << 20

// made gives the text that was written to the machine's room from octet at on. Room is only ever appended to while a rule is
// run, so the text stays what it is until the next one.
func (m *machine) made(at int) string {
	if len(m.room) > maxMade {
		m.giveUp()
	}
	return unsafe.String(unsafe.SliceData(m.room[at:]), len(m.room)-at)
}

func (m *machine) lower(s string) string {
	same := 0
	for same < len(s) && s[same] < utf8.RuneSelf && s[same]-'A' >= 26 {
		same++
	}
	if same == len(s) {
		return s
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.ToLower(s)
		}
	}
	at := len(m.room)
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		m.room = append(m.room, c)
	}
	return m.made(at)
}

func (m *machine) replace(s, old, by string) string {
	at := len(m.room)
	for {
		before, after, found := strings.Cut(s, old)
		m.room = append(m.room, before...)
		if !found {
			return m.made(at)
		}
		m.room = append(m.room, by...)
		s = after
	}
}

// maxFormatted bounds the operands of Format.
const maxFormatted = 12

// format writes what fmt.Sprintf does for the verbs s and q of texts, d of whole numbers, v of both and of other numbers that are exact.
func (m *machine) format(args []int32) value {
	var in [maxFormatted]value
	if len(args) > 1+len(in) {
		m.giveUp()
		return value{}
	}
	for i, a := range args[1:] { // before anything is written: operands can be made texts themselves
		if in[i] = m.eval(a); in[i].kind == undefined {
			return value{}
		}
	}
	at, next, rest := len(m.room), 0, m.eval(args[0]).text()
	for {
		literal, after, more := strings.Cut(rest, "%")
		m.room = append(m.room, literal...)
		if !more {
			break
		}
		end := 0
		for end < len(after) && '0' <= after[end] && after[end] <= '9' {
			end++
		}
		if end == len(after) {
			m.giveUp()
			return value{}
		}
		if rest = after[end+1:]; end == 0 && after[0] == '%' {
			m.room = append(m.room, '%')
			continue
		}
		if next == len(args)-1 {
			m.giveUp()
			return value{}
		}
		switch v, verb := &in[next], after[end]; {
		case v.kind == words && end == 0 && (verb == 's' || verb == 'v'):
			m.room = append(m.room, v.text()...)
		case v.kind == words && end == 0 && verb == 'q':
			m.room = quoted(m.room, v.text())
		case v.kind == integer && end == 0 && (verb == 'd' || verb == 'v'):
			m.room = strconv.AppendInt(m.room, v.n, 10)
		case v.kind == float && v.p != nil && end == 0 && verb == 'v':
			n, ok := nearest(v.exact())
			if !ok {
				m.giveUp()
				return value{}
			}
			m.room = fmt.Append(m.room, n)
		case v.kind == integer && verb == 'd':
			m.room = fmt.Appendf(m.room, "%"+after[:end+1], v.n)
		default:
			m.giveUp()
			return value{}
		}
		next++
	}
	if next != len(args)-1 {
		m.giveUp()
	}
	return text(m.made(at))
}

// quoted is strconv.AppendQuote, quicker for texts that are as they are.
func quoted(to []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return strconv.AppendQuote(to, s)
		}
	}
	to = append(to, '"')
	to = append(to, s...)
	return append(to, '"')
}

func (m *machine) concat(args []int32) value {
	sep := m.eval(args[0])
	var parts [4]value
	if len(args) > 1+len(parts) {
		m.giveUp()
		return value{}
	}
	for i, a := range args[1:] { // before anything is written: operands can be made texts themselves
		if parts[i] = m.eval(a); parts[i].kind != words {
			return value{}
		}
	}
	at := len(m.room)
	for i := range args[1:] {
		if i > 0 {
			m.room = append(m.room, sep.text()...)
		}
		m.room = append(m.room, parts[i].text()...)
	}
	return text(m.made(at))
}

// substring counts characters. A negative offset is an error in OPA, a negative length means all that is left.
func (m *machine) substring(s string, offset, length int64) value {
	if offset < 0 {
		m.giveUp()
		return value{}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			runes := []rune(s)
			n := int64(len(runes))
			if offset >= n {
				return text("")
			}
			if length < 0 || length > n-offset {
				length = n - offset
			}
			return text(string(runes[offset : offset+length]))
		}
	}
	n := int64(len(s))
	if offset >= n {
		return text("")
	}
	if length < 0 || length > n-offset {
		length = n - offset
	}
	return text(s[offset : offset+length])
}
