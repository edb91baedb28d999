package compile

import (
	"slices"

	"postern/rules/guard"
)

// prune leaves out what no rule needs: what was compiled only to be looked at, and what a condition that cannot hold stands
// before. Registers are numbered anew.
func prune(p *guard.Program) {
	q := pruning{from: p, nodes: map[int32]int32{}, registers: map[int32]int32{0: 0}, memos: map[int32]int32{}}
	q.node(yes)
	q.node(no)
	for i := range p.Rules {
		q.to.Rules = append(q.to.Rules, guard.Rule{Name: p.Rules[i].Name, Root: q.node(p.Rules[i].Root), Head: q.node(p.Rules[i].Head)})
	}
	q.to.Fields, q.to.Consts, q.to.Sets, q.to.Sums = p.Fields, p.Consts, p.Sets, p.Sums
	q.to.Registers = int32(len(q.registers))
	p.Rules, p.Nodes, p.Args, p.Memos, p.Registers = q.to.Rules, q.to.Nodes, q.to.Args, q.to.Memos, q.to.Registers
}

type pruning struct {
	from                    *guard.Program
	to                      guard.Program
	nodes, registers, memos map[int32]int32
}

// node takes over a node with all that it names. Nodes come before those that name them.
func (q *pruning) node(at int32) int32 {
	if to, ok := q.nodes[at]; ok {
		return to
	}
	n := q.from.Nodes[at]
	switch n.Op {
	case guard.Let, guard.Each:
		n.A, n.B, n.C = q.register(n.A), q.node(n.B), q.node(n.C)
		if n.Op == guard.Each && n.D >= 0 {
			if to, used := q.registers[n.D]; used {
				n.D = to
			} else {
				n.D = -1 // nobody has read it
			}
		}
	case guard.Any:
		n.A = q.args(n.A, n.B)
	case guard.Not, guard.If, guard.Holds:
		n.A, n.C = q.node(n.A), q.node(n.C)
	case guard.Memo:
		n.A, n.C = q.memo(n.A), q.node(n.C)
	case guard.Compare:
		n.A, n.B, n.C = q.node(n.A), q.node(n.B), q.node(n.C)
	case guard.Once:
		n.B, n.C = q.node(n.B), q.node(n.C)
	case guard.Reset:
		n.C = q.node(n.C)
	case guard.Add, guard.Total, guard.Collect, guard.Gather:
		n.B = q.node(n.B)
	case guard.One:
		n.A, n.B, n.C = q.register(n.A), q.node(n.B), q.node(n.C)
	case guard.Take:
		n.A, n.B = q.register(n.A), q.node(n.B)
	case guard.Join:
		n.B, n.C = q.node(n.B), q.node(n.C)
	case guard.Emit:
		pairs := slices.Clone(q.from.Args[n.A : n.A+2*n.B])
		for i := 1; i < len(pairs); i += 2 {
			pairs[i] = q.node(pairs[i])
		}
		n.A = int32(len(q.to.Args))
		q.to.Args = append(q.to.Args, pairs...)
	case guard.FieldTrue:
		n.A, n.C = q.register(n.A), q.node(n.C)
	case guard.FieldInt, guard.FieldText, guard.FieldCount:
		n.A, n.C = q.register(n.A), q.node(n.C)
		q.to.Args = append(q.to.Args, q.from.Args[n.D], q.from.Args[n.D+1])
		n.D = int32(len(q.to.Args) - 2)
	case guard.Load, guard.Get:
		n.A = q.register(n.A)
	case guard.Item, guard.Lookup:
		n.A, n.B = q.node(n.A), q.node(n.B)
	case guard.Call:
		n.B = q.args(n.B, n.C)
	}
	to := int32(len(q.to.Nodes))
	q.to.Nodes = append(q.to.Nodes, n)
	q.nodes[at] = to
	return to
}

func (q *pruning) args(from, count int32) int32 {
	var list []int32
	for _, a := range q.from.Args[from : from+count] {
		list = append(list, q.node(a))
	}
	at := int32(len(q.to.Args))
	q.to.Args = append(q.to.Args, list...)
	return at
}

func (q *pruning) register(r int32) int32 {
	if _, ok := q.registers[r]; !ok {
		q.registers[r] = int32(len(q.registers))
	}
	return q.registers[r]
}

func (q *pruning) memo(m int32) int32 {
	if to, ok := q.memos[m]; ok {
		return to
	}
	root := q.node(q.from.Memos[m])
	to := int32(len(q.to.Memos))
	q.to.Memos = append(q.to.Memos, root)
	q.memos[m] = to
	return to
}
