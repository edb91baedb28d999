package guard

import (
	"slices"
	"strings"
	"unsafe"
)

// maxSeen bounds what is kept to find repetitions.
const maxSeen = 64

// once notes a value and tells whether it is new.
func (m *machine) once(n *Node) bool {
	v := m.eval(n.B)
	if v.kind == undefined {
		return false
	}
	for _, old := range m.seen[n.A] {
		switch c, ok := compare(old, v); {
		case !ok:
			return m.giveUp()
		case c == 0:
			return false
		}
	}
	if len(m.seen[n.A]) >= maxSeen {
		return m.giveUp()
	}
	m.seen[n.A] = append(m.seen[n.A], v)
	return true
}

// take gives a register its only value. It is false if it has another one already, which would be an error in OPA.
func (m *machine) take(reg int32, v value) bool {
	old := &m.regs[reg]
	switch {
	case old.kind == undefined:
		*old = v
		return true
	case v.kind == record || old.kind == record:
		return v.kind == old.kind && v.p == old.p
	}
	c, ok := compare(*old, v)
	return ok && c == 0
}

// maxCollected bounds the texts that are joined.
const maxCollected = 10_000

func (m *machine) join(n *Node) value {
	sep := m.eval(n.C)
	m.lists[n.A] = m.lists[n.A][:0]
	if m.holds(n.B); m.gaveUp || sep.kind != words {
		return value{}
	}
	list := m.lists[n.A]
	if n.D != InOrder {
		slices.Sort(list)
	}
	if n.D == Distinct {
		list = slices.Compact(list)
	}
	at := len(m.room)
	for i, s := range list {
		if i > 0 {
			m.room = append(m.room, sep.text()...)
		}
		m.room = append(m.room, s...)
	}
	return text(m.made(at))
}

// eval gives the value of an expression, undefined if it has none or if the machine gave up.
func (m *machine) eval(at int32) value {
	n := &m.p.Nodes[at]
	switch n.Op {
	case Value:
		return m.p.values[n.A]
	case Load:
		return m.regs[n.A]
	case Get:
		if base := m.regs[n.A].p; base != nil {
			a := &m.p.access[n.B]
			if a.shape == Text && !a.late {
				return text(a.text(base)) // as most are
			}
			return a.get(base)
		}
	case Item:
		return m.item(m.eval(n.A), m.eval(n.B))
	case Lookup:
		if in, key := m.eval(n.B), m.eval(n.A); in.kind == constant && key.kind == words {
			if table := m.p.table(in.n); table != nil {
				return table[key.text()]
			}
		}
		return value{}
	case Total:
		m.sums[n.A] = value{}
		if n.D == Sum {
			m.sums[n.A] = whole(0)
		}
		if m.holds(n.B) && m.gaveUp {
			return value{}
		}
		return m.sums[n.A]
	case Join:
		return m.join(n)
	case Gather:
		m.lists[n.A] = m.lists[n.A][:0]
		if m.holds(n.B); m.gaveUp {
			return value{}
		}
		slices.Sort(m.lists[n.A])
		some := slices.Compact(m.lists[n.A])
		return value{kind: list, n: int64(len(some)), p: unsafe.Pointer(unsafe.SliceData(some))}
	case Call:
		return m.call(n)
	}
	m.giveUp()
	return value{}
}

// item gives one element of a list.
func (m *machine) item(v, at value) value {
	if at.kind != integer || at.n < 0 {
		return value{}
	}
	switch v.kind {
	case list:
		if at.n < v.n {
			return v.item(at.n)
		}
	case split:
		rest, sep := v.text(), m.p.Consts[v.elem].Text
		for i := int64(0); ; i++ {
			piece, after, more := strings.Cut(rest, sep)
			if i == at.n {
				return text(piece)
			}
			if rest = after; !more {
				break
			}
		}
	case span:
		if at.n < v.n {
			return at
		}
	case constant:
		if c := &m.p.Consts[v.n]; c.Kind == ConstArray && at.n < int64(len(c.Items)) {
			return m.p.values[c.Items[at.n]]
		}
	}
	return value{}
}
