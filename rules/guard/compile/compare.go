package compile

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// compare compiles a comparison. OPA never has an error in one.
func (c *compiler) compare(a, b operand, how int32, loc *ast.Location, next func() int32) int32 {
	if x, ok := a.(fixed); ok {
		if y, ok := b.(fixed); ok {
			if holdsFor(x.v.Compare(y.v), how) {
				return next()
			}
			return no
		}
	}
	if _, ok := a.(size); !ok {
		if _, ok := b.(size); ok {
			a, b, how = b, a, turned[how]
		}
	}
	if s, ok := a.(size); ok {
		if n, ok := intOf(b); ok {
			if at, ok := c.emptiness(s.of, how, n, loc, next); ok {
				return at
			}
		}
	}
	x, y := shapeOf(a), shapeOf(b)
	if isNull(a) {
		x = shape{kind: isText, null: true}
	}
	if isNull(b) {
		y = shape{kind: isText, null: true}
	}
	record := func(s shape) bool { return s.kind == isRecord }
	comparable := x.scalar() && y.scalar() || record(x) && y.scalar() || x.scalar() && record(y)
	nx, okx := c.node(a)
	ny, oky := c.node(b)
	if g, ok := a.(group); ok && g.path == "" && comparable {
		nx, okx = c.b.load(g.reg), true
	}
	if g, ok := b.(group); ok && g.path == "" && comparable {
		ny, oky = c.b.load(g.reg), true
	}
	if !comparable || !okx || !oky {
		c.guess(loc, "a comparison of values of this kind is not compiled")
		return next()
	}
	switch {
	case x.null && !isNull(a) && notNull(how, y, isNull(b)):
		return c.b.compare(nx, ny, how, knowing(c.filled, nx, next))
	case y.null && !isNull(b) && notNull(turned[how], x, isNull(a)):
		return c.b.compare(nx, ny, how, knowing(c.filled, ny, next))
	}
	return c.b.compare(nx, ny, how, next())
}

// notNull tells that what compares so with a value is not null, which comes before all else.
func notNull(how int32, with shape, null bool) bool {
	if null {
		return how == guard.NotEqual || how == guard.Greater
	}
	return !with.null && (how == guard.Equal || how == guard.Greater || how == guard.GreaterEqual)
}

func isNull(op operand) bool {
	f, ok := op.(fixed)
	return ok && f.v.Compare(ast.NullValue) == 0
}

func holdsFor(cmp int, how int32) bool {
	switch how {
	case guard.Equal:
		return cmp == 0
	case guard.NotEqual:
		return cmp != 0
	case guard.Less:
		return cmp < 0
	case guard.LessEqual:
		return cmp <= 0
	case guard.Greater:
		return cmp > 0
	}
	return cmp >= 0
}

// emptiness compiles the comparison of a number of elements with a constant that asks only whether there are any.
func (c *compiler) emptiness(of operand, how int32, n int64, loc *ast.Location, next func() int32) (at int32, ok bool) {
	var some bool
	switch {
	case how == guard.Greater && n == 0, how == guard.NotEqual && n == 0, how == guard.GreaterEqual && n == 1:
		some = true
	case how == guard.Equal && n == 0, how == guard.LessEqual && n == 0, how == guard.Less && n == 1:
	default:
		return 0, false
	}
	var exact, safe bool
	if s, is := of.(solutions); is && s.rule != "" {
		at, exact, safe = c.filledSet(s)
	} else {
		counting := c.counting
		c.counting = 0
		at, exact, safe = c.whole(func() int32 { return c.elements(of, loc, func(operand) int32 { return yes }) })
		c.counting = counting
	}
	switch {
	case !safe:
		return yes, true
	case exact && some:
		return c.b.when(at, next()), true
	case exact:
		return c.b.not(at, next()), true
	case some: // what may be there and is not certain to be
		return c.b.when(at, next()), true
	}
	return next(), true
}

// filledSet compiles that a set that is a rule has elements, for all that ask for it. What they look like does not matter here.
func (c *compiler) filledSet(s solutions) (at int32, exact, safe bool) {
	key := "some " + s.rule
	m, known := c.memos[key]
	if !known {
		making := c.making
		c.making = false
		m = c.shared(func() int32 { return c.solve(s, func(operand) int32 { return yes }) })
		c.making = making
		c.memos[key] = m
	}
	c.cuts, c.guesses = c.cuts+m.cuts, c.guesses+m.guesses
	if c.quiet == 0 {
		for _, r := range m.reasons {
			c.note(nil, "%s", r)
		}
	}
	return m.at, m.cuts == 0 && m.guesses == 0, m.cuts == 0
}
