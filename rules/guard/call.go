package guard

import (
	"strconv"
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
	EndsWithAny // text, texts (a constant)
	Range       // from 0 to a number that is not below 0
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
	Format    // format (a constant), then its operands
	Decimal   // the digits of a whole number
	Slice     // list of texts, place of its first element, place behind its last
	Submatch  // text, number of the group, pattern (a constant), which matches
	IsNetwork // text
	InNetwork // network, address
	functions // their number
)

func (m *machine) call(n *Node) value {
	args := m.p.Args[n.B : n.B+n.C]
	switch n.A {
	case Concat:
		return m.concat(args)
	case Format:
		return m.format(args)
	case Largest, Least:
		return m.extreme(n.A, args)
	}
	a := m.eval(args[0])
	if a.kind == undefined {
		return a
	}
	if n.C == 1 {
		return m.unary(n.A, a)
	}
	b := m.eval(args[1])
	if b.kind == undefined {
		return b
	}
	switch n.A {
	case TrimPrefix:
		return text(strings.TrimPrefix(a.text(), b.text()))
	case TrimSuffix:
		return text(strings.TrimSuffix(a.text(), b.text()))
	case Trim:
		return text(strings.Trim(a.text(), b.text()))
	case Split:
		return value{kind: split, n: a.n, p: a.p, elem: element(m.p.Nodes[args[1]].A)}
	case StartsWith:
		return truth(strings.HasPrefix(a.text(), b.text()))
	case EndsWith:
		return truth(strings.HasSuffix(a.text(), b.text()))
	case EndsWithAny:
		s := a.text()
		for _, item := range m.p.Consts[b.n].Items {
			if strings.HasSuffix(s, m.p.values[item].text()) {
				return truth(true)
			}
		}
		return truth(false)
	case Contains:
		return truth(strings.Contains(a.text(), b.text()))
	case Matches:
		if re := m.p.pattern(m.p.Nodes[args[1]].A); re != nil {
			return truth(re.MatchString(a.text()))
		}
		m.giveUp()
		return value{}
	case Member:
		return m.member(a, &b)
	case Plus, Minus, Times, Divide, Remainder:
		return m.arithmetic(n.A, a, b)
	case InNetwork:
		in, ok := inNetwork(a.text(), b.text())
		if !ok {
			m.giveUp() // an error
			return value{}
		}
		return truth(in)
	case Submatch:
		return m.submatch(a.text(), b.n, m.p.Nodes[args[2]].A)
	}
	c := m.eval(args[2])
	switch {
	case c.kind == undefined:
		return c
	case n.A == Slice:
		return m.slice(a, b.n, c.n)
	case n.A == Substring:
		return m.substring(a.text(), b.n, c.n)
	case b.n == 0:
		return text(strings.ReplaceAll(a.text(), b.text(), c.text()))
	case !strings.Contains(a.text(), b.text()):
		return a
	}
	return text(m.replace(a.text(), b.text(), c.text()))
}

// unary is a function of one value.
func (m *machine) unary(f int32, a value) value {
	switch f {
	case Lower:
		return text(m.lower(a.text()))
	case Upper:
		return text(strings.ToUpper(a.text()))
	case TrimSpace:
		return text(strings.TrimSpace(a.text()))
	case Range:
		return value{kind: span, n: a.n + 1}
	case Count:
		return m.count(&a)
	case IsNetwork:
		_, _, ok := network(a.text())
		return truth(ok)
	case Round, Floor, Ceil, Abs:
		return m.rounded(f, a)
	case Decimal:
		if a.kind == integer {
			at := len(m.room)
			m.room = strconv.AppendInt(m.room, a.n, 10)
			return text(m.made(at))
		}
	}
	m.giveUp()
	return value{}
}

// submatch gives what a group of a pattern has matched first.
func (m *machine) submatch(s string, group int64, pattern int32) value {
	if re := m.p.pattern(pattern); re != nil && group >= 0 && group <= int64(re.NumSubexp()) {
		if at := re.FindStringSubmatchIndex(s); at != nil {
			if from, to := at[2*group], at[2*group+1]; from >= 0 {
				return text(s[from:to])
			}
			return text("")
		}
	}
	m.giveUp()
	return value{}
}

// slice gives the elements of a list of texts from one place to before another. Places that are not in the list stand for its nearest end.
func (m *machine) slice(v value, from, to int64) value {
	n := m.count(&v)
	if n.kind == undefined {
		return n
	}
	to = min(max(to, 0), n.n)
	from = min(max(from, 0), to)
	switch {
	case from == 0 && to == n.n:
		return v
	case from == to:
		return value{kind: list}
	case v.kind == list && v.elem == 0:
		v.p = unsafe.Add(v.p, uintptr(from)*unsafe.Sizeof(""))
	case v.kind == split:
		s, sep := v.text(), m.p.Consts[v.elem].Text
		for range from {
			_, s, _ = strings.Cut(s, sep)
		}
		length, rest := -len(sep), s
		for range to - from {
			var piece string
			piece, rest, _ = strings.Cut(rest, sep)
			length += len(piece) + len(sep)
		}
		part := text(s[:length])
		part.kind, part.elem = split, v.elem
		return part
	default:
		m.giveUp()
		return value{}
	}
	v.n = to - from
	return v
}

func (m *machine) count(v *value) value {
	switch v.kind {
	case list, span:
		return whole(v.n)
	case words:
		return whole(int64(utf8.RuneCountInString(v.text())))
	case split:
		return whole(int64(strings.Count(v.text(), m.p.Consts[v.elem].Text)) + 1)
	case constant:
		return whole(int64(len(m.p.Consts[v.n].Items)))
	}
	m.giveUp()
	return value{}
}

func (m *machine) member(v value, in *value) value {
	found := false
	each := func(item value) bool {
		c, ok := compare(item, v)
		if !ok {
			m.giveUp()
		}
		found = found || ok && c == 0
		return !found
	}
	switch in.kind {
	case list:
		for i := range in.n {
			if !each(in.item(i)) {
				break
			}
		}
		return truth(found)
	case constant:
		if v.kind == words {
			if table := m.p.table(in.n); table != nil {
				_, found := table[v.text()]
				return truth(found)
			}
		}
		for _, item := range m.p.Consts[in.n].Items {
			item := m.p.values[item]
			if item.kind == words && v.kind == words {
				if found = item.text() == v.text(); found {
					break
				}
			} else if !each(item) {
				break
			}
		}
		return truth(found)
	}
	m.giveUp()
	return value{}
}
