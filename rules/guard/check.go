package guard

import (
	"fmt"
	"slices"
)

// check refuses a program that would read what it must not or run without an end: every index is within its bounds, every node
// comes after those that it names, every field is one of the record that the register holds, and every node is of the sort that
// its place asks for. Programs are read from files.
func (p *Program) check() error {
	for _, n := range []int32{p.Registers - 1, p.Sets, p.Sums, p.Lists} {
		if n < 0 || n > maxRegisters {
			return fmt.Errorf("%d registers, %d sets, %d sums, %d lists", p.Registers, p.Sets, p.Sums, p.Lists)
		}
	}
	holds, err := p.records()
	if err != nil {
		return err
	}
	for i := range p.Nodes {
		if !p.sound(int32(i), &p.Nodes[i], holds) {
			return fmt.Errorf("node %d is not sound: %v", i, p.Nodes[i])
		}
	}
	for _, r := range p.Rules {
		if !p.node(r.Root) || !p.node(r.Head) {
			return fmt.Errorf("rule %s has no condition", r.Name)
		}
	}
	return nil
}

const maxRegisters = 1 << 16

func within(i, count int32) bool { return i >= 0 && i < count }

func (p *Program) node(at int32) bool { return at >= 0 && int(at) < len(p.Nodes) }

// records tells which record each register holds, "" if it holds none: the same one whoever sets it.
func (p *Program) records() ([]string, error) {
	holds := make([]string, p.Registers)
	holds[0] = Root
	setters := make([]int32, 0, p.Registers)
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Op != Let && n.Op != Each && n.Op != Take {
			continue
		}
		if n.B < 0 || n.B >= int32(i) || n.A < 1 || n.A >= p.Registers {
			return nil, fmt.Errorf("node %d sets register %d", i, n.A)
		}
		setters = append(setters, int32(i))
	}
	// A node comes after those that it names, so the registers that it reads are set by later ones: looking from the end, nearly all
	// is known at once.
	for known := false; !known; {
		known = true
		differs := int32(-1)
		for _, at := range slices.Backward(setters) {
			n := &p.Nodes[at]
			switch record := p.recordOf(n, holds); {
			case record == holds[n.A]:
			case holds[n.A] == "":
				holds[n.A], known = record, false
			default: // what it reads may only not be known yet
				differs = n.A
			}
		}
		if known && differs >= 0 {
			return nil, fmt.Errorf("register %d holds both %s and something else", differs, holds[differs])
		}
	}
	return holds, nil
}

// recordOf names the record that a node puts into its register, "" if it is none.
func (p *Program) recordOf(setter *Node, holds []string) string {
	n, element := &p.Nodes[setter.B], setter.Op == Each
	if n.Op == Item && p.node(n.A) && !element {
		n, element = &p.Nodes[n.A], true
	}
	switch {
	case n.Op == Load && n.A >= 0 && int(n.A) < len(holds) && !element:
		return holds[n.A]
	case n.Op == Get && n.B >= 0 && int(n.B) < len(p.Fields):
		if a := &p.access[n.B]; a.shape == Records && element || a.shape == RecordOrNull && !element {
			return a.inner
		}
	}
	return ""
}

// sound tells that what a node names exists and is of the right sort.
func (p *Program) sound(at int32, n *Node, holds []string) bool {
	before := func(node int32) bool { return within(node, at) }
	register := func(r int32) bool { return within(r, p.Registers) }
	args := func(from, count int32) bool {
		if from < 0 || count < 1 || int(from)+int(count) > len(p.Args) {
			return false
		}
		for _, a := range p.Args[from : from+count] {
			if !before(a) {
				return false
			}
		}
		return true
	}
	shape := func() (Shape, bool) {
		if !register(n.A) || n.B < 0 || int(n.B) >= len(p.Fields) || p.Fields[n.B].Record != holds[n.A] {
			return 0, false
		}
		return p.access[n.B].shape, true
	}
	field := func(want Shape) bool {
		s, ok := shape()
		return ok && s == want
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
	case Let:
		return before(n.B) && before(n.C)
	case Compare:
		return before(n.A) && before(n.B) && before(n.C)
	case Each:
		return before(n.B) && before(n.C) && n.D < p.Registers && (n.D < 0 || n.D > 0 && holds[n.D] == "")
	case Any:
		return args(n.A, n.B)
	case Not, If, Holds:
		return before(n.A) && before(n.C)
	case Memo:
		return within(n.A, int32(len(p.Memos))) && before(p.Memos[n.A]) && before(n.C)
	case Once:
		return within(n.A, p.Sets) && before(n.B) && before(n.C)
	case Reset:
		return within(n.A, p.Sets) && before(n.C)
	case Gather:
		return within(n.A, p.Lists) && before(n.B)
	case Add, Total:
		return within(n.A, p.Sums) && before(n.B)
	case One:
		return register(n.A) && n.A > 0 && before(n.B) && before(n.C)
	case Take:
		return before(n.B) // and see records
	case Collect:
		return within(n.A, p.Lists) && before(n.B)
	case Join:
		return within(n.A, p.Lists) && before(n.B) && before(n.C)
	case Emit:
		return p.finding(n.A, n.B, at)
	case FieldTrue:
		return field(Bool) && before(n.C)
	case FieldInt:
		return field(Int) && constant(ConstInt) && before(n.C)
	case FieldText:
		return field(Text) && constant(ConstText) && before(n.C)
	case FieldCount:
		s, ok := shape()
		return ok && (s == Texts || s == Records) && constant(ConstInt) && before(n.C)
	case Value:
		return n.A >= 0 && int(n.A) < len(p.Consts)
	case Load:
		return register(n.A)
	case Get:
		_, ok := shape()
		return ok
	case Item, Lookup:
		return before(n.A) && before(n.B)
	case Call:
		return n.A >= 0 && n.A < functions && args(n.B, n.C) && p.operands(n)
	}
	return false
}

// finding tells that there are so many pairs of a key and a node before one.
func (p *Program) finding(from, count, at int32) bool {
	if from < 0 || count < 1 || count > keys || int(from)+2*int(count) > len(p.Args) {
		return false
	}
	for pairs := p.Args[from : from+2*count]; len(pairs) > 0; pairs = pairs[2:] {
		if pairs[0] < 0 || pairs[0] >= keys || !within(pairs[1], at) {
			return false
		}
	}
	return true
}

// operands tells that a function has as many operands as it takes, and constants where it needs them.
func (p *Program) operands(n *Node) bool {
	last := p.Nodes[p.Args[n.B+n.C-1]]
	known := func(kind ConstKind) bool {
		return last.Op == Value && last.A >= 0 && int(last.A) < len(p.Consts) && p.Consts[last.A].Kind == kind
	}
	switch n.A {
	case Concat, Largest, Least:
		return true
	case Format:
		first := p.Nodes[p.Args[n.B]]
		return first.Op == Value && within(first.A, int32(len(p.Consts))) && p.Consts[first.A].Kind == ConstText
	case Lower, Upper, TrimSpace, Range, Count, Round, Floor, Ceil, Abs, Decimal, IsNetwork:
		return n.C == 1
	case Replace, Substring, Slice:
		return n.C == 3
	case Submatch:
		return n.C == 3 && known(ConstPattern)
	case Split:
		return n.C == 2 && known(ConstText) && p.Consts[last.A].Text != ""
	case EndsWithAny:
		if n.C != 2 || !known(ConstArray) {
			return false
		}
		for _, item := range p.Consts[last.A].Items {
			if p.Consts[item].Kind != ConstText {
				return false
			}
		}
		return true
	case Matches:
		return n.C == 2 && known(ConstPattern)
	}
	return n.C == 2
}
