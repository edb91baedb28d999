package guard

import (
	"slices"
	"unsafe"

	"postern/rules/facts"
)

// planner makes a plan. What it needs most are covers.
type planner struct {
	p      *Program
	plan   *Plan
	lists  map[int32]int // a field, the group of that list
	covers map[[2]int32]*cover
	safes  map[int32]bool
	m      machine
	yes    int32                     // the condition that always holds
	bare   map[int32]bool            // registers of elements that are texts
	sample map[string]unsafe.Pointer // records as most messages have them, by their names
}

// cover is a choice of tests and questions of which one holds whenever a condition does, and whenever OPA could have an error in that. Any literal
// of a conjunction that OPA can have no error before gives one; which is taken is a matter of speed.
type cover struct {
	tests  []test
	asks   []question
	late   bool // some look at what was put off
	likely int  // how many of all hold for most messages, and what making what was put off costs
}

// maxCover bounds the tests of a cover.
const maxCover = 24

// Plan prepares the running of some rules, which are indexes of p.Rules.
func (p *Program) Plan(rules []int32) *Plan {
	own := *p // the questions need nodes of their own
	own.Nodes, own.Args = append(slices.Clip(p.Nodes), Node{Op: True}), slices.Clip(p.Args)
	p = &own
	s := planner{
		p: p, plan: &Plan{p: p, rules: rules, groups: make([]group, 1)}, lists: map[int32]int{}, covers: map[[2]int32]*cover{}, safes: map[int32]bool{},
		bare: map[int32]bool{}, yes: int32(len(own.Nodes) - 1), sample: sample(),
	}
	for place, r := range rules {
		s.split(0, body{place: int32(place), at: p.Rules[r].Root})
	}
	for i := range s.plan.groups {
		g := &s.plan.groups[i]
		s.gates(g)
		s.plan.words = max(s.plan.words, len(g.always))
	}
	return s.plan
}

// split puts each alternative of a rule into its group.
func (s *planner) split(group int, b body) {
	switch n := &s.p.Nodes[b.at]; n.Op {
	case False:
		return
	case Any:
		for _, at := range s.p.Args[n.A : n.A+n.B] {
			s.split(group, body{b.place, at, b.reg, b.key})
		}
		return
	case Each:
		if list := &s.p.Nodes[n.B]; group == 0 && s.p.Nodes[n.C].Op != True && list.Op == Get && list.A == 0 && s.p.access[list.B].shape >= Texts {
			s.bare[n.A] = s.p.access[list.B].shape == Texts
			s.split(s.group(list.B), body{b.place, n.C, n.A, n.D})
			return
		}
	}
	g := &s.plan.groups[group]
	g.bodies = append(g.bodies, b)
}

// group is that of a list in the facts.
func (s *planner) group(field int32) int {
	at, ok := s.lists[field]
	if !ok {
		at = len(s.plan.groups)
		s.plan.groups = append(s.plan.groups, group{list: &s.p.access[field]})
		s.lists[field], s.plan.late = at, s.plan.late || s.p.access[field].late
	}
	return at
}

// gates puts the bodies of a group behind gates.
func (s *planner) gates(g *group) {
	words := (len(g.bodies) + 63) / 64
	g.always = make([]uint64, words)
	known := map[test]int{}
	for i, b := range g.bodies {
		word, bit := i/64, uint64(1)<<(i%64)
		c := s.cover(b.at, b.reg)
		if c == nil {
			g.always[word] |= bit
			continue
		}
		s.plan.late = s.plan.late || c.late
		for _, t := range c.tests {
			at, ok := known[t]
			if !ok {
				at = len(g.gates)
				g.gates = append(g.gates, gate{test: t, opens: make([]uint64, words)})
				known[t] = at
			}
			g.gates[at].opens[word] |= bit
		}
		for _, q := range c.asks {
			if opens := s.ask(g, q, words); opens != nil {
				opens[word] |= bit
			} else {
				g.always[word] |= bit
			}
		}
	}
}

// ask puts a question to those of a group and gives what it opens, nil if there are too many.
func (s *planner) ask(g *group, q question, words int) []uint64 {
	at := slices.IndexFunc(g.recalls, func(c recall) bool { return c.asks[0].field == q.field })
	if at < 0 {
		at = len(g.recalls)
		c := recall{memory: s.plan.memories}
		if s.plan.memories++; q.field >= 0 {
			c.field = &s.p.access[q.field]
		}
		g.recalls = append(g.recalls, c)
	}
	c := &g.recalls[at]
	for i := range c.asks {
		if c.asks[i].question == q {
			return c.asks[i].opens
		}
	}
	if len(c.asks) == maxAsks {
		return nil
	}
	c.asks = append(c.asks, ask{q, make([]uint64, words)})
	return c.asks[len(c.asks)-1].opens
}

// cover gives the best cover of a condition by fields of the record in a register, nil if there is none.
func (s *planner) cover(at, reg int32) *cover {
	key := [2]int32{at, reg}
	c, known := s.covers[key]
	if !known {
		c = s.coverOf(at, reg)
		s.covers[key] = c
	}
	return c
}

func (s *planner) coverOf(at, reg int32) *cover {
	best := s.recalled(at, reg)
	var picked pick
	for {
		n := &s.p.Nodes[at]
		before := picked // what the node before has filled
		picked = pick{}
		var c *cover
		safe, last := true, false
		switch n.Op {
		case False:
			return &cover{}
		case FieldTrue, FieldInt, FieldText, FieldCount:
			if n.A == reg {
				c = s.coverBy(n.B, s.p.testOf(n))
			}
		case Holds, Compare:
			if c = s.needs(n, reg); n.Op == Compare && c == nil {
				c = s.coverOfPick(n, before)
			}
			safe = s.safe(n.A) && (n.Op == Holds || s.safe(n.B))
		case Not:
			safe = s.safe(n.A)
		case If:
			c, safe = s.cover(n.A, reg), s.safe(n.A)
		case One:
			picked, safe = s.pickOf(n, reg)
		case Memo:
			of := s.p.Memos[n.A]
			c, safe = s.cover(of, reg), s.safe(of)
			if one := &s.p.Nodes[of]; one.Op == One && s.p.Nodes[one.C].Op == True {
				picked, safe = s.pickOf(one, reg)
			}
		case Let:
			if of := &s.p.Nodes[n.B]; of.Op == Total && s.addsNothing(n.A, n.C) {
				c = s.cover(of.B, reg)
			}
			safe = s.safe(n.B)
		case Once:
			safe = s.safe(n.B)
		case Reset:
		case Any:
			c, last = s.anyOf(s.p.Args[n.A:n.A+n.B], reg), true
		case Each:
			if list := &s.p.Nodes[n.B]; list.Op == Get && list.A == reg {
				c = s.coverBy(list.B, s.p.access[list.B].filled())
			}
			if inner := s.cover(n.C, reg); s.safe(n.B) && inner.better(c) {
				c = inner
			}
			last = true
		default:
			last = true
		}
		if c.better(best) {
			best = c
		}
		if last || !safe {
			return best
		}
		at = n.C
	}
}

// coverBy is the cover by one test of a field.
func (s *planner) coverBy(field int32, t test) *cover {
	c := &cover{tests: []test{t}, likely: 1}
	if t.open(s.sampleOf(field)) {
		c.likely = 10
	}
	if s.p.access[field].late {
		c.late, c.likely = true, c.likely+5
	}
	return c
}

// sampleOf gives a record that has a field.
func (s *planner) sampleOf(field int32) unsafe.Pointer {
	if field >= 0 {
		if record := s.sample[s.p.Fields[field].Record]; record != nil {
			return record
		}
	}
	return nothing()
}

// nothing is a record in which all is null, false, 0, "" or empty.
func nothing() unsafe.Pointer { return unsafe.Pointer(&none[0]) }

var none [maxRecord / 8]uint64

// maxRecord is more octets than any record has.
const maxRecord = 8 << 10

// sample gives what most messages have: one sender and one recipient, a subject, and text.
func sample() map[string]unsafe.Pointer {
	from := facts.Address{
		Field: "from", Address: "alice@mail.example.com", Local: "alice", Domain: "mail.example.com", DomainUnicode: "mail.example.com",
		RegistrableDomain: "example.com", DisplayName: "Alice", Valid: true, Line: 1,
	}
	f := facts.New(facts.KindMessage)
	f.Size = facts.Size{WireBytes: 4000, DataBytes: 4000, StoredBytes: 4000, LFBytes: 4000, HeaderBytes: 1000, SeparatorBytes: 2, BodyBytes: 3000}
	f.Lines = facts.Lines{Count: 80, LF: 80, Longest: 76, Terminated: true}
	f.Header.Fields, f.Header.Received, f.Header.Date.Count, f.Header.MessageID.Count, f.Header.MIMEVersion = 10, 1, 1, 1, true
	f.Header.Subject = facts.Subject{Count: 1, Text: "Minutes of the meeting", Length: 22, Letters: 19, Capitals: 1}
	f.Sender.From, f.Sender.FromFields = []facts.Address{from}, 1
	f.Recipients = facts.Recipients{
		Total: 1, Unique: 1, HeaderUnique: 1, Visible: 1, To: 1, ToFields: 1, Domains: []string{"example.net"}, DomainCount: 1,
	}
	f.Parts = []facts.Part{{}}
	f.Text.PlainParts, f.Text.PlainBytes, f.Text.PlainWords, f.Text.Letters, f.Text.Capitals = 1, 3000, 400, 2000, 100
	link := facts.Link{Target: "https://" + sampleHost + "/minutes", Scheme: "https", Host: sampleHost, Text: "the minutes", Line: 20}
	return map[string]unsafe.Pointer{Root: unsafe.Pointer(f), "Address": unsafe.Pointer(&from), "Link": unsafe.Pointer(&link)}
}

const sampleHost = "www.example.net"

// better tells that c is to be taken rather than d, which comes before it.
func (c *cover) better(d *cover) bool { return c != nil && (d == nil || c.likely < d.likely) }

// anyOf gives a cover of alternatives: those of all together.
func (s *planner) anyOf(all []int32, reg int32) *cover {
	sum := &cover{}
	for _, at := range all {
		c := s.cover(at, reg)
		if c == nil || len(sum.tests)+len(sum.asks)+len(c.tests)+len(c.asks) > maxCover {
			return nil
		}
		sum.tests, sum.asks = append(sum.tests, c.tests...), append(sum.asks, c.asks...)
		sum.late, sum.likely = sum.late || c.late, sum.likely+c.likely
	}
	return sum
}

// needs gives the cover of a literal that reads one field only and does not hold where that is null, false, 0, "" or empty.
func (s *planner) needs(n *Node, reg int32) *cover {
	field := int32(-1)
	if !s.reads(n.A, reg, &field) || n.Op == Compare && !s.reads(n.B, reg, &field) || field < 0 {
		return nil
	}
	m := s.machine()
	m.regs[reg] = value{kind: record, p: nothing()}
	a, b := m.eval(n.A), truth(false)
	holds := n.Op == Holds && a != b
	if n.Op == Compare {
		b = m.eval(n.B)
		c, ok := compare(a, b)
		holds = !ok || fits(c, n.D)
	}
	if m.gaveUp || holds && a.kind != undefined && b.kind != undefined {
		return nil
	}
	return s.coverBy(field, s.p.access[field].filled())
}

// reads tells that an expression reads nothing but one field of the record in a register, and which.
func (s *planner) reads(at, reg int32, field *int32) bool {
	n := &s.p.Nodes[at]
	switch n.Op {
	case Value:
		return true
	case Get:
		if n.A != reg || *field >= 0 && *field != n.B {
			return false
		}
		*field = n.B
		return true
	case Item, Lookup:
		return s.reads(n.A, reg, field) && s.reads(n.B, reg, field)
	case Call:
		for _, a := range s.p.Args[n.B : n.B+n.C] {
			if !s.reads(a, reg, field) {
				return false
			}
		}
		return true
	}
	return false
}

// addsNothing tells that a condition that reads nothing but a sum does not hold where there was nothing to add.
func (s *planner) addsNothing(sum, at int32) bool {
	known := []int32{sum}
	for next := at; ; {
		n := &s.p.Nodes[next]
		switch {
		case n.Op == True:
			m := s.machine()
			m.regs[sum] = whole(0)
			return !m.holds(at) && !m.gaveUp
		case n.Op == Let && s.loads(n.B, known):
			known = append(known, n.A)
		case n.Op == Compare && s.loads(n.A, known) && s.loads(n.B, known):
		default:
			return false
		}
		next = n.C
	}
}

// loads tells that an expression reads nothing but some registers.
func (s *planner) loads(at int32, known []int32) bool {
	n := &s.p.Nodes[at]
	switch n.Op {
	case Value:
		return true
	case Load:
		return slices.Contains(known, n.A)
	case Call:
		for _, a := range s.p.Args[n.B : n.B+n.C] {
			if !s.loads(a, known) {
				return false
			}
		}
		return true
	}
	return false
}

// machine gives a machine in which no register has a value.
func (s *planner) machine() *machine {
	s.m.reset(s.p)
	clear(s.m.regs)
	s.m.gaveUp, s.m.steps = false, 0
	return &s.m
}

// safe tells that OPA has no error in a condition or expression, whatever the facts are.
func (s *planner) safe(at int32) bool {
	is, known := s.safes[at]
	if !known {
		is = s.safeOf(&s.p.Nodes[at])
		s.safes[at] = is
	}
	return is
}

func (s *planner) safeOf(n *Node) bool {
	all := func(list ...int32) bool {
		for _, at := range list {
			if !s.safe(at) {
				return false
			}
		}
		return true
	}
	switch n.Op {
	case True, False, Value, Load, Get:
		return true
	case FieldTrue, FieldInt, FieldText, FieldCount:
		return s.safe(n.C)
	case Let, Each:
		return all(n.B, n.C)
	case Not, If, Holds:
		return all(n.A, n.C)
	case Compare:
		return all(n.A, n.B, n.C)
	case Memo:
		return all(s.p.Memos[n.A], n.C)
	case Any:
		return all(s.p.Args[n.A : n.A+n.B]...)
	case Item, Lookup:
		return all(n.A, n.B)
	case Call:
		switch n.A {
		case Lower, Upper, TrimSpace, TrimPrefix, TrimSuffix, Trim, Replace, Concat, Split, StartsWith, EndsWith, EndsWithAny, Contains, Count, Member, Format, Slice, IsNetwork:
			return all(s.p.Args[n.B : n.B+n.C]...)
		}
	}
	return false
}
