package guard

import "fmt"

// check refuses a program that would read what it must not: every index is within its bounds, every field is one of the record
// that the register holds, and every node is of the sort that its place asks for. Programs are read from files.
func (p *Program) check() error {
	if p.Registers < 1 || p.Registers > maxRegisters || p.Sets < 0 || p.Sets > maxRegisters || p.Sums < 0 || p.Sums > maxRegisters {
		return fmt.Errorf("%d registers, %d sets, %d sums", p.Registers, p.Sets, p.Sums)
	}
	holds := make([]string, p.Registers) // the record that each register holds, if it holds one
	holds[0] = Root
	for i, n := range p.Nodes {
		if n.Op != Let && n.Op != Each {
			continue
		}
		if !p.node(n.B) || n.A < 1 || n.A >= p.Registers {
			return fmt.Errorf("node %d sets register %d", i, n.A)
		}
		if record := p.recordOf(n.B); holds[n.A] == "" {
			holds[n.A] = record
		} else if record != holds[n.A] {
			return fmt.Errorf("register %d holds both %s and %s", n.A, holds[n.A], record)
		}
	}
	for i, n := range p.Nodes {
		if !p.sound(n, holds) {
			return fmt.Errorf("node %d is not sound: %v", i, n)
		}
	}
	for _, r := range p.Rules {
		if !p.node(r.Root) {
			return fmt.Errorf("rule %s has no condition", r.Name)
		}
	}
	for _, m := range p.Memos {
		if !p.node(m) {
			return fmt.Errorf("a shared condition is missing")
		}
	}
	return nil
}

const maxRegisters = 1 << 16

func (p *Program) node(at int32) bool { return at >= 0 && int(at) < len(p.Nodes) }

// recordOf names the record that an expression gives, or whose list it gives or takes an element from, "" if none.
func (p *Program) recordOf(at int32) string {
	n := p.Nodes[at]
	for n.Op == Item && p.node(n.A) && n.A < at {
		at = n.A
		n = p.Nodes[at]
	}
	if n.Op != Get || n.B < 0 || int(n.B) >= len(p.Fields) {
		return ""
	}
	if a := &p.access[n.B]; a.shape == Records || a.shape == RecordOrNull {
		return a.inner
	}
	return ""
}

// sound tells that what a node names exists and is of the right sort.
func (p *Program) sound(n Node, holds []string) bool {
	register := func(r int32) bool { return r >= 0 && r < p.Registers }
	args := func(from, count int32) bool {
		if from < 0 || count < 1 || int(from)+int(count) > len(p.Args) {
			return false
		}
		for _, a := range p.Args[from : from+count] {
			if !p.node(a) {
				return false
			}
		}
		return true
	}
	field := func(shapes ...Shape) bool {
		if !register(n.A) || n.B < 0 || int(n.B) >= len(p.Fields) || p.Fields[n.B].Record != holds[n.A] {
			return false
		}
		for _, s := range shapes {
			if p.access[n.B].shape == s {
				return true
			}
		}
		return len(shapes) == 0
	}
	constant := func(kind ConstKind) bool {
		if n.D < 0 || int(n.D)+2 > len(p.Args) {
			return false
		}
		c := p.Args[n.D]
		return c >= 0 && int(c) < len(p.Consts) && p.Consts[c].Kind == kind
	}
	switch n.Op {
	case True, False, Give:
		return true
	case Let, Compare:
		return p.node(n.B) && p.node(n.C) && (n.Op == Let || p.node(n.A))
	case Each:
		return p.node(n.C) && n.D < p.Registers && (n.D < 0 || n.D > 0 && holds[n.D] == "")
	case Any:
		return args(n.A, n.B)
	case Not, If, Holds:
		return p.node(n.A) && p.node(n.C)
	case Memo:
		return n.A >= 0 && int(n.A) < len(p.Memos) && p.node(n.C)
	case Once:
		return n.A >= 0 && n.A < p.Sets && p.node(n.B) && p.node(n.C)
	case Reset:
		return n.A >= 0 && n.A < p.Sets && p.node(n.C)
	case Add, Total:
		return n.A >= 0 && n.A < p.Sums && p.node(n.B)
	case FieldTrue:
		return field(Bool) && p.node(n.C)
	case FieldInt:
		return field(Int) && constant(ConstInt) && p.node(n.C)
	case FieldText:
		return field(Text) && constant(ConstText) && p.node(n.C)
	case FieldCount:
		return field(Texts, Records) && constant(ConstInt) && p.node(n.C)
	case Value:
		return n.A >= 0 && int(n.A) < len(p.Consts)
	case Load:
		return register(n.A)
	case Get:
		return field()
	case Item, Lookup:
		return p.node(n.A) && p.node(n.B)
	case Call:
		return n.A >= 0 && n.A < functions && args(n.B, n.C) && p.operands(n)
	}
	return false
}

// operands tells that a function has as many operands as it takes, and constants where it needs them.
func (p *Program) operands(n Node) bool {
	last := p.Nodes[p.Args[n.B+n.C-1]]
	known := func(kind ConstKind) bool {
		return last.Op == Value && last.A >= 0 && int(last.A) < len(p.Consts) && p.Consts[last.A].Kind == kind
	}
	switch n.A {
	case Concat, Largest, Least:
		return true
	case Lower, Upper, TrimSpace, Range, Count, Round, Floor, Ceil, Abs:
		return n.C == 1
	case Replace, Substring:
		return n.C == 3
	case Split:
		return n.C == 2 && known(ConstText) && p.Consts[last.A].Text != ""
	case Matches:
		return n.C == 2 && known(ConstPattern)
	}
	return n.C == 2
}
