package guard

import (
	"math"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// The functions of Call. Each is a built-in function of Rego for operands of the types that package compile has made sure of;
// where OPA's result would depend on more than that, or be an error, the machine gives up.
const (
	Lower int32 = iota
	Upper
	TrimSpace
	TrimPrefix
	TrimSuffix
	Trim // text, characters
	Replace
	Concat // separator, then texts
	Substring
	Split // text, separator (a constant that is not empty)
	StartsWith
	EndsWith
	Range // from 0 to a number that is not below 0
	Contains
	Matches // text, pattern (a constant)
	Count
	Member // value, list
	Plus
	Minus
	Times
	Divide
	Remainder
	Round
	Floor
	Ceil
	Abs
	Largest
	Least
	functions // their number
)

func (m *machine) call(n *Node) value {
	args := m.p.Args[n.B : n.B+n.C]
	if n.A == Concat {
		return m.concat(args)
	}
	if n.A == Largest || n.A == Least {
		return m.extreme(n.A, args)
	}
	var in [3]value
	for i, a := range args {
		if in[i] = m.eval(a); in[i].kind == undefined {
			return value{}
		}
	}
	switch a, b := &in[0], &in[1]; n.A {
	case Lower:
		return text(m.lower(a.s))
	case Upper:
		return text(strings.ToUpper(a.s))
	case TrimSpace:
		return text(strings.TrimSpace(a.s))
	case TrimPrefix:
		return text(strings.TrimPrefix(a.s, b.s))
	case TrimSuffix:
		return text(strings.TrimSuffix(a.s, b.s))
	case Trim:
		return text(strings.Trim(a.s, b.s))
	case Replace:
		if b.s == "" || !strings.Contains(a.s, b.s) {
			if b.s == "" {
				return text(strings.ReplaceAll(a.s, b.s, in[2].s))
			}
			return *a
		}
		return text(m.replace(a.s, b.s, in[2].s))
	case Substring:
		return m.substring(a.s, b.n, in[2].n)
	case Split:
		return value{kind: split, s: a.s, n: int64(m.p.Nodes[args[1]].A)}
	case Range:
		return value{kind: span, n: a.n + 1}
	case StartsWith:
		return truth(strings.HasPrefix(a.s, b.s))
	case EndsWith:
		return truth(strings.HasSuffix(a.s, b.s))
	case Contains:
		return truth(strings.Contains(a.s, b.s))
	case Matches:
		if re := m.p.patterns[m.p.Nodes[args[1]].A](); re != nil {
			return truth(re.MatchString(a.s))
		}
	case Count:
		return m.count(a)
	case Member:
		return m.member(*a, b)
	case Plus, Minus, Times, Divide, Remainder:
		return m.arithmetic(n.A, *a, *b)
	case Round, Floor, Ceil, Abs:
		return m.rounded(n.A, *a)
	}
	m.gaveUp = true
	return value{}
}

// made gives the text that was written to the machine's room from octet at on. Room is only ever appended to while a message is
// judged, so the text stays what it is.
func (m *machine) made(at int) string {
	return unsafe.String(unsafe.SliceData(m.room[at:]), len(m.room)-at)
}

func (m *machine) lower(s string) string {
	capital := false
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return strings.ToLower(s)
		}
		capital = capital || 'A' <= c && c <= 'Z'
	}
	if !capital {
		return s
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

func (m *machine) concat(args []int32) value {
	sep := m.eval(args[0])
	var parts [4]value
	if len(args) > 1+len(parts) {
		m.gaveUp = true
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
			m.room = append(m.room, sep.s...)
		}
		m.room = append(m.room, parts[i].s...)
	}
	return text(m.made(at))
}

// substring counts characters. A negative offset is an error in OPA, a negative length means all that is left.
func (m *machine) substring(s string, offset, length int64) value {
	if offset < 0 {
		m.gaveUp = true
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

func (m *machine) count(v *value) value {
	switch v.kind {
	case list, span:
		return whole(v.n)
	case words:
		return whole(int64(utf8.RuneCountInString(v.s)))
	case split:
		return whole(int64(strings.Count(v.s, m.p.Consts[v.n].Text)) + 1)
	case constant:
		return whole(int64(len(m.p.Consts[v.n].Items)))
	}
	m.gaveUp = true
	return value{}
}

func (m *machine) member(v value, in *value) value {
	switch in.kind {
	case list:
		for i := range in.n {
			if c, ok := compare(in.item(i), v); !ok {
				m.gaveUp = true
			} else if c == 0 {
				return truth(true)
			}
		}
		return truth(false)
	case constant:
		c := &m.p.Consts[in.n]
		if c.Kind == ConstSet && v.kind == words {
			_, found := m.p.tables[in.n]()[v.s]
			return truth(found)
		}
		for _, item := range c.Items {
			if c, ok := compare(m.p.values[item], v); !ok {
				m.gaveUp = true
			} else if c == 0 {
				return truth(true)
			}
		}
		return truth(false)
	}
	m.gaveUp = true
	return value{}
}

func plus(a, b value) value {
	if a.kind == integer && b.kind == integer {
		if c := a.n + b.n; (c > a.n) == (b.n > 0) {
			return whole(c)
		}
		return value{}
	}
	if a.number() && b.number() {
		return broken(a.float() + b.float())
	}
	return value{}
}

// arithmetic is exact on whole numbers. It gives up where they overflow, and where OPA has an error.
func (m *machine) arithmetic(f int32, a, b value) value {
	var v value
	both := a.kind == integer && b.kind == integer
	switch {
	case !a.number() || !b.number():
	case f == Plus:
		v = plus(a, b)
	case f == Minus && both:
		if c := a.n - b.n; (c < a.n) == (b.n > 0) {
			v = whole(c)
		}
	case f == Minus:
		v = broken(a.float() - b.float())
	case f == Times && both:
		const most = math.MaxInt32
		if c := a.n * b.n; -most < a.n && a.n < most && -most < b.n && b.n < most || b.n != 0 && c/b.n == a.n && b.n != -1 && a.n != -1 {
			v = whole(c)
		} else if b.n == 0 {
			v = whole(0)
		}
	case f == Times:
		v = broken(a.float() * b.float())
	case f == Remainder && both && b.n > 0:
		v = whole(a.n % b.n)
	case f == Divide && b.kind == integer && b.n == 0, f == Remainder:
	case f == Divide && both && a.n%b.n == 0:
		v = whole(a.n / b.n)
	case f == Divide && b.float() != 0:
		v = broken(a.float() / b.float())
	}
	if v.kind == undefined {
		m.gaveUp = true
	}
	return v
}

// rounded gives up where the number is too close to where the result changes.
func (m *machine) rounded(f int32, a value) value {
	if a.kind == integer {
		if f == Abs && a.n < 0 {
			if a.n == math.MinInt64 {
				m.gaveUp = true
				return value{}
			}
			return whole(-a.n)
		}
		return a
	}
	x := a.float()
	if f == Abs {
		return broken(math.Abs(x))
	}
	edge := x // changes at whole numbers, round at those and a half
	if f == Round {
		edge += 0.5
	}
	if math.Abs(x) > 1e12 || math.Abs(edge-math.Round(edge)) < 1e-6 {
		m.gaveUp = true
		return value{}
	}
	switch f {
	case Round:
		return whole(int64(math.Round(x)))
	case Floor:
		return whole(int64(math.Floor(x)))
	}
	return whole(int64(math.Ceil(x)))
}

// extreme gives the largest or least of some numbers.
func (m *machine) extreme(f int32, args []int32) value {
	var best value
	for i, a := range args {
		v := m.eval(a)
		if !v.number() {
			m.gaveUp = true
			return value{}
		}
		if i == 0 {
			best = v
			continue
		}
		c, ok := compare(v, best)
		if !ok {
			m.gaveUp = true
			return value{}
		}
		if c > 0 == (f == Largest) && c != 0 {
			best = v
		}
	}
	return best
}
