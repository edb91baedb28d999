package guard

// pick is a register that a One fills with one of some fields of a record, which are whole numbers: a rule of Rego that has a value
// for each of two cases, such as the number of recipients with and without an envelope. There are no fields where it is no pick.
type pick struct {
	reg    int32
	fields []int32
}

// pickOf tells of a One that it is a pick from the record in a register, and that OPA can have no error in it, as it has where both
// cases apply: they ask whether the same field is true, and whether it is false.
func (s *planner) pickOf(one *Node, reg int32) (p pick, ok bool) {
	cases := []int32{one.B}
	if n := &s.p.Nodes[one.B]; n.Op == Any {
		if cases = s.p.Args[n.A : n.A+n.B]; len(cases) != 2 {
			return pick{}, false
		}
		x, y := &s.p.Nodes[cases[0]], &s.p.Nodes[cases[1]]
		if x.Op != FieldTrue || y.Op != FieldTrue || x.A != reg || y.A != reg || x.B != y.B || (x.D != 0) == (y.D != 0) {
			return pick{}, false
		}
	}
	p.reg = one.A
	for _, at := range cases {
		n := &s.p.Nodes[at]
		for n.Op == FieldTrue && n.A == reg {
			n = &s.p.Nodes[n.C]
		}
		if n.Op != Take || n.A != one.A {
			return pick{}, false
		}
		if n = &s.p.Nodes[n.B]; n.Op != Get || n.A != reg || s.p.access[n.B].shape != Int {
			return pick{}, false
		}
		p.fields = append(p.fields, n.B)
	}
	return p, true
}

// coverOfPick gives the cover of a comparison of a pick with a whole number: that one of its fields compares so. It is nil for any
// other.
func (s *planner) coverOfPick(n *Node, p pick) *cover {
	a, b := &s.p.Nodes[n.A], &s.p.Nodes[n.B]
	if len(p.fields) == 0 || a.Op != Load || a.A != p.reg || b.Op != Value || s.p.values[b.A].kind != integer {
		return nil
	}
	sum := &cover{}
	for _, field := range p.fields {
		t := s.p.access[field].number()
		t.compares(n.D, s.p.values[b.A].n)
		c := s.coverBy(field, t)
		sum.tests, sum.late, sum.likely = append(sum.tests, c.tests...), sum.late || c.late, sum.likely+c.likely
	}
	return sum
}
