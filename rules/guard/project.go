package guard

import (
	"slices"
	"unsafe"
)

// maxProjected bounds the nodes that are looked at to make one cover by a text: nodes can be shared, and the ways through them many.
const maxProjected = 2000

// recalled gives the best cover of a condition by a question, or by the test that a text is not empty; nil if there is none.
func (s *planner) recalled(at, reg int32) (best *cover) {
	var fields []int32
	left := maxProjected
	s.texts(at, reg, &fields, &left)
	for _, field := range fields {
		of := projector{s, reg, field, maxProjected}
		q := question{of.project(at, nil), reg, field}
		if s.p.Nodes[q.at].Op == True {
			continue
		}
		if field >= 0 && !s.says(q, nothing(), "") {
			if c := s.coverBy(field, s.p.access[field].filled()); c.better(best) {
				best = c
			}
		}
		if field >= 0 && s.p.Fields[field].Record == Root {
			continue // such as the subject, which is seldom the same
		}
		if c := (&cover{asks: []question{q}, likely: 2}); c.better(best) && !s.says(q, s.sampleOf(field), sampleHost) {
			best = c
		}
	}
	return best
}

// says answers a question about a record, or about a text.
func (s *planner) says(q question, base unsafe.Pointer, of string) bool {
	var item *value
	if q.field < 0 {
		v := text(of)
		item = &v
	}
	return s.machine().asked(&q, base, item)
}

// texts notes which texts of the record in a register a condition or expression reads.
func (s *planner) texts(at, reg int32, fields *[]int32, left *int) {
	if *left--; *left < 0 {
		return
	}
	n := &s.p.Nodes[at]
	note := func(field int32) {
		if !slices.Contains(*fields, field) {
			*fields = append(*fields, field)
		}
	}
	switch n.Op {
	case Load:
		if n.A == reg && s.bare[reg] {
			note(-1)
		}
	case Get, FieldText:
		if a := &s.p.access[n.B]; n.A == reg && a.shape == Text && !a.late {
			note(n.B)
		}
	}
	s.operands(n, func(at int32) { s.texts(at, reg, fields, left) })
}

// operands gives the nodes that a node names.
func (s *planner) operands(n *Node, each func(int32)) {
	switch n.Op {
	case FieldTrue, FieldInt, FieldText, FieldCount, Reset:
		each(n.C)
	case Let, Each, Once, One:
		each(n.B)
		each(n.C)
	case Not, If, Holds:
		each(n.A)
		each(n.C)
	case Memo:
		each(s.p.Memos[n.A])
		each(n.C)
	case Compare:
		each(n.A)
		each(n.B)
		each(n.C)
	case Item, Lookup:
		each(n.A)
		each(n.B)
	case Any:
		for _, at := range s.p.Args[n.A : n.A+n.B] {
			each(at)
		}
	case Call:
		for _, at := range s.p.Args[n.B : n.B+n.C] {
			each(at)
		}
	}
}

// projector makes of a condition one that reads nothing but one text, as a question does, and that holds whenever the condition does
// and whenever OPA could have an error in that: the literals that read more are left out.
type projector struct {
	*planner
	reg, field int32
	left       int // nodes
}

// project is of a condition behind literals that give registers known values: those that depend on the text alone.
func (s *projector) project(at int32, known []int32) int32 {
	if s.left--; s.left < 0 {
		return s.yes
	}
	n := s.p.Nodes[at]
	literal := false // the node without its next
	safe := true
	switch n.Op {
	case False:
		return at
	case Any:
		return s.any(at, known)
	case FieldTrue, FieldInt, FieldText, FieldCount:
		literal = s.own(&n)
	case Let:
		literal, safe = s.knows(n.B, known), s.safe(n.B)
		known = s.bind(known, literal, n.A)
	case Each:
		literal, safe = s.knows(n.B, known), s.safe(n.B)
		known = s.bind(known, literal, n.A, n.D)
	case Not, If:
		literal, safe = s.knows(n.A, known), s.safe(n.A)
		if of := n.A; n.Op == If && !literal && safe {
			n.A = s.project(of, known)
			literal = s.p.Nodes[n.A].Op != True
		}
	case Memo:
		literal, safe = s.knows(s.p.Memos[n.A], nil), s.safe(s.p.Memos[n.A])
	case Holds:
		literal, safe = s.knows(n.A, known), s.safe(n.A)
	case Compare:
		literal, safe = s.knows(n.A, known) && s.knows(n.B, known), s.safe(n.A) && s.safe(n.B)
	case Reset, Once:
		safe = n.Op == Reset || s.safe(n.B)
	default:
		return s.yes
	}
	switch {
	case literal:
		if n.C = s.project(n.C, known); n == s.p.Nodes[at] {
			return at
		}
		return s.node(n)
	case safe:
		return s.project(n.C, known)
	}
	return s.yes
}

// any is of alternatives.
func (s *projector) any(at int32, known []int32) int32 {
	n := s.p.Nodes[at]
	all := slices.Clone(s.p.Args[n.A : n.A+n.B])
	for i, of := range all {
		if all[i] = s.project(of, known); s.p.Nodes[all[i]].Op == True {
			return s.yes
		}
	}
	if slices.Equal(all, s.p.Args[n.A:n.A+n.B]) {
		return at
	}
	n.A = int32(len(s.p.Args))
	s.p.Args = append(s.p.Args, all...)
	return s.node(n)
}

func (s *projector) node(n Node) int32 {
	s.p.Nodes = append(s.p.Nodes, n)
	return int32(len(s.p.Nodes) - 1)
}

// bind adds registers to those of known values, or takes them away.
func (s *projector) bind(known []int32, is bool, registers ...int32) []int32 {
	known = slices.DeleteFunc(slices.Clone(known), func(r int32) bool { return slices.Contains(registers, r) })
	if is {
		known = append(known, registers...)
	}
	return known
}

// own tells that a short form compares the text.
func (s *projector) own(n *Node) bool { return n.A == s.reg && n.B == s.field && n.Op == FieldText }

// knows tells that a condition or expression reads nothing but the text and known registers, and has no effect but on others.
func (s *projector) knows(at int32, known []int32) bool {
	if s.left--; s.left < 0 {
		return false
	}
	n := &s.p.Nodes[at]
	switch n.Op {
	case True, False, Give, Value:
		return true
	case FieldText:
		return s.own(n) && s.knows(n.C, known)
	case Load:
		return slices.Contains(known, n.A) || s.field < 0 && n.A == s.reg
	case Get:
		return n.A == s.reg && n.B == s.field
	case Let:
		return s.knows(n.B, known) && s.knows(n.C, s.bind(known, true, n.A))
	case Each:
		return s.knows(n.B, known) && s.knows(n.C, s.bind(known, true, n.A, n.D))
	case Memo:
		return s.knows(s.p.Memos[n.A], nil) && s.knows(n.C, known)
	case Not, If, Holds, Compare, Item, Lookup, Any, Call:
		is := true
		s.operands(n, func(at int32) { is = is && s.knows(at, known) })
		return is
	}
	return false
}
