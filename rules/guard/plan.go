package guard

import (
	"math/bits"
	"sync"
	"unsafe"

	"postern/rules/facts"
)

// Plan runs some rules of a program over many messages. It does what Program.Run does, in another order: the alternatives of all
// rules lie behind gates, looks at single fields that most messages do not pass, and those that go through one list are run
// together, in one pass. What depends on one text alone, such as a sender's domain, is not worked out again for a text that was met
// lately. It can be used by many goroutines.
type Plan struct {
	p      *Program
	rules  []int32
	late   bool    // it looks at what may have been put off whatever the message is
	groups []group // the first is of the facts themselves, the others are of lists in them
	words  int     // of 64 bits, for the bodies of the group that has most
	pool   sync.Pool

	memories int // of recalls
}

// group is what is run over one record: the facts, or each element of a list in them.
type group struct {
	list    *access // nil for the facts themselves
	gates   []gate
	recalls []recall
	bodies  []body
	always  []uint64 // the bodies that nothing is before
}

// body is an alternative of a rule.
type body struct {
	place    int32 // of the rule in Plan.rules
	at       int32 // node
	reg, key int32 // registers of the element and its index, -1 if nobody reads it
}

// gate is a condition on one field of a record, and the bodies that it opens.
type gate struct {
	test
	opens []uint64
}

// run carries one run of a plan.
type run struct {
	m    machine
	may  []bool   // by place of the rule
	live []uint64 // bodies

	memories []*memory
	tired    bool // a question of this group could not be answered: each opens what it can
}

// Run appends to may the places in which of the plan's rules stand that may find something in f.
func (s *Plan) Run(f *facts.Facts, may []int) []int {
	r, _ := s.pool.Get().(*run)
	if r == nil {
		r = &run{may: make([]bool, len(s.rules)), live: make([]uint64, s.words), memories: make([]*memory, s.memories)}
	}
	if s.late {
		f.Complete()
	}
	r.m.reset(s.p)
	base := unsafe.Pointer(f)
	r.m.regs[0] = value{kind: record, p: base}
	r.tired = false
	some := r.record(&s.groups[0], base, nil, 0)
	for i := range s.groups[1:] {
		g := &s.groups[1+i]
		if g.list.slice(base).n == 0 {
			continue // as most lists are
		}
		list := g.list.get(base)
		r.tired, r.m.steps = false, -maxSteps*(len(g.bodies)+len(g.recalls)-1) // what each may take for all elements
		for at := range list.n {
			item := list.item(at)
			some = r.record(g, item.p, &item, at) || some
		}
	}
	r.m.regs[0] = value{}
	if some {
		for i, is := range r.may {
			if is {
				may, r.may[i] = append(may, i), false
			}
		}
	}
	s.pool.Put(r)
	return may
}

// record runs a group over one record, item if it is an element, and tells whether some rule may find something.
func (r *run) record(g *group, base unsafe.Pointer, item *value, at int64) (some bool) {
	live := r.live[:len(g.always)]
	copy(live, g.always)
	for i := range g.gates {
		if t := &g.gates[i]; t.open(base) {
			for w, opens := range t.opens {
				live[w] |= opens
			}
		}
	}
	for i := range g.recalls {
		r.recall(&g.recalls[i], base, item, live)
	}
	m := &r.m
	for w, left := range live {
		for ; left != 0; left &= left - 1 {
			b := &g.bodies[w<<6+bits.TrailingZeros64(left)]
			if r.may[b.place] {
				continue
			}
			if item == nil {
				m.steps = 0
			} else if m.regs[b.reg] = *item; b.key >= 0 {
				m.regs[b.key] = whole(at)
			}
			before := m.steps
			m.gaveUp, m.room = false, m.room[:0]
			if m.holds(b.at) || m.gaveUp {
				m.steps, r.may[b.place], some = before, true, true
			}
		}
	}
	return some
}
