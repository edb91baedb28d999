package guard

import "slices"

// A gate is the condition that a rule begins with, if it needs no more than a look at the facts: many rules share one, such as
// that there are attachments, and none of them has to be run where it is closed.

// prepareGates finds the gates of all rules. The program is sound.
func (p *Program) prepareGates() {
	p.gateOf, p.gates = make([]int32, len(p.Rules)), nil
	for i, r := range p.Rules {
		p.gateOf[i] = -1
		at := p.gate(r.Root)
		if at < 0 {
			continue
		}
		place := slices.IndexFunc(p.gates, func(g int32) bool { return p.alike(p.Nodes[g], p.Nodes[at]) })
		if place < 0 {
			place = len(p.gates)
			p.gates = append(p.gates, at)
		}
		p.gateOf[i] = int32(place)
	}
}

// gate gives the node that a condition begins with if it can be a gate, else -1. Alternatives have one if they begin alike.
func (p *Program) gate(at int32) int32 {
	switch n := p.Nodes[at]; n.Op {
	case Memo:
		return at
	case FieldTrue, FieldInt, FieldText, FieldCount:
		if n.A == 0 {
			return at
		}
	case Each:
		if list := p.Nodes[n.B]; list.Op == Get && list.A == 0 {
			return at
		}
	case Any:
		first := p.gate(p.Args[n.A])
		for _, a := range p.Args[n.A+1 : n.A+n.B] {
			if g := p.gate(a); g < 0 || first < 0 || !p.alike(p.Nodes[first], p.Nodes[g]) {
				return -1
			}
		}
		return first
	}
	return -1
}

// alike tells that two gates are the same.
func (p *Program) alike(a, b Node) bool {
	switch {
	case a.Op != b.Op:
		return false
	case a.Op == Memo:
		return a.A == b.A
	case a.Op == Each:
		return a.B == b.B
	case a.A != b.A || a.B != b.B:
		return false
	case a.Op == FieldTrue:
		return a.D == b.D
	}
	return p.Args[a.D] == p.Args[b.D] && p.Args[a.D+1] == p.Args[b.D+1]
}

// gate tells whether a gate is closed.
func (m *machine) gate(at int32) verdict {
	n := &m.p.Nodes[at]
	base := m.regs[0].p
	switch n.Op {
	case Memo:
		m.gaveUp, m.steps = false, 0
		return m.shared(n.A)
	case Each:
		a := &m.p.access[m.p.Nodes[n.B].B]
		if a.complete(base); a.slice(base).n == 0 {
			return never
		}
	default:
		if !m.field(n, base) {
			return never
		}
	}
	return holds
}
