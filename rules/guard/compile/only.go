package compile

import "postern/rules/guard"

// kept is the value that a rule or function has: the same one however many of its bodies hold. All of them are gone through, and
// where two give what differs the rule is left to OPA, which has an error there.
type kept struct {
	reg    int32
	at     int32 // the condition that fills the register
	known  bool  // it is always a constant
	forked bool  // one body alone can hold in several ways
	op     operand
}

// keeping is how it is seen to that a value is one.
type keeping int32

const (
	all   keeping = iota // all that come are compared
	first                // the first one counts: no other can come, or only behind its else
	none                 // nothing is kept
)

// keep compiles the bodies of a value, by ways, so that the value is found once. It is false where the value cannot be kept in a
// register or is not exact.
func (c *compiler) keep(how keeping, ways func(next func(operand) int32) int32) (k kept, ok bool) {
	k.reg, k.known = c.b.register(), true
	var shapes []shape
	var records []group
	ok = true
	counting, last, cuts, guesses, forks := c.counting, c.last, c.cuts, c.guesses, c.forks
	c.counting, c.last = 0, 0
	c.quiet++
	at, exact, _ := c.whole(func() int32 {
		return ways(func(op operand) int32 {
			k.forked = k.forked || c.forks > forks
			_, isFixed := op.(fixed)
			k.known = k.known && isFixed
			var node int32
			if g, isRecord := op.(group); isRecord {
				records = append(records, g)
				node = c.b.load(g.reg)
			} else {
				s := shapeOf(op)
				n, known := c.node(op)
				ok = ok && known && s.scalar()
				shapes = append(shapes, s)
				node = n
			}
			return c.b.node(guard.Node{Op: guard.Take, A: k.reg, B: node, D: int32(how)})
		})
	})
	c.quiet--
	c.counting, c.last, c.cuts, c.guesses = counting, last, cuts, guesses
	for _, g := range records {
		ok = ok && g.rec == records[0].rec && g.path == records[0].path && len(shapes) == 0
	}
	if k.at = at; len(records) > 0 {
		k.op = group{k.reg, records[0].rec, records[0].path}
	} else {
		s := join(shapes)
		ok = ok && (s.kind != anything || at == no)
		k.op = dynamic{c.b.load(k.reg), *s}
	}
	return k, ok && exact
}

// kept goes on with a value that was kept.
func (c *compiler) kept(k kept, next func(operand) int32) int32 {
	if k.at == no {
		return no
	}
	rest := next(k.op)
	if rest == no {
		return no
	}
	return c.b.node(guard.Node{Op: guard.One, A: k.reg, B: k.at, C: rest})
}
