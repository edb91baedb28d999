package compile

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// count compiles a number of elements or characters.
func (c *compiler) count(of operand, loc *ast.Location, result func(operand) int32) int32 {
	s := shape{kind: isInt, least: true}
	switch o := of.(type) {
	case dynamic:
		if o.kind == isText && !o.null || o.kind == isList && !o.null {
			return result(dynamic{c.b.call(guard.Count, o.node), s})
		}
	case several:
		return result(fixed{ast.InternedTerm(len(o.items)).Value})
	case fields:
		return result(fixed{ast.InternedTerm(len(o.of)).Value})
	case solutions, both:
		return result(size{of})
	case unknown:
		if o.text() || o.kind == isList && !o.null {
			return result(unknown{s})
		}
	}
	return c.cut(loc, "count of a value of this kind is not compiled")
}

// total gives the node that adds up all elements of a collection, or counts them where of is nil.
func (c *compiler) total(of operand, loc *ast.Location) (int32, bool) {
	return c.add(of, guard.Sum, loc, nil)
}

func (c *compiler) add(of operand, how int32, loc *ast.Location, term func(operand) (int32, bool)) (int32, bool) {
	sum := c.b.p.Sums
	c.b.p.Sums++
	one, _ := c.b.value(ast.InternedTerm(1).Value)
	ok := true
	last := c.last
	counting := c.counting
	if c.counting, c.last = c.counting+1, 0; how != guard.Sum {
		c.counting = 0 // an extreme is what it is however often it comes
	}
	at, exact, _ := c.whole(func() int32 {
		return c.elements(of, loc, func(v operand) int32 {
			node := one
			if term != nil {
				n, good := term(v)
				if !good {
					ok = false
					return yes
				}
				node = n
			}
			return c.b.node(guard.Node{Op: guard.Add, A: sum, B: node, D: how})
		})
	})
	c.counting, c.last = counting, last
	if !exact || !ok {
		return 0, false
	}
	return c.b.node(guard.Node{Op: guard.Total, A: sum, B: at, D: how}), true
}

// look shows what is known of the elements of a collection.
func (c *compiler) look(of operand, loc *ast.Location, each func(shape)) {
	cuts, guesses := c.cuts, c.guesses
	c.quiet++
	c.whole(func() int32 {
		return c.elements(of, loc, func(v operand) int32 {
			each(shapeOf(v))
			return yes
		})
	})
	c.quiet--
	c.cuts, c.guesses = cuts, guesses
}

// numbersIn tells whether all elements of a collection are numbers, and what is known of them.
func (c *compiler) numbersIn(of operand, loc *ast.Location) (s shape, numbers bool) {
	numbers, s = true, shape{kind: isInt, least: true}
	c.look(of, loc, func(item shape) {
		numbers = numbers && item.number()
		if item.kind != isInt {
			s.kind = isNumber
		}
		s.least = s.least && item.least
	})
	return s, numbers
}

// sum compiles the sum of the elements of a comprehension.
func (c *compiler) sum(of operand, loc *ast.Location, result func(operand) int32) int32 {
	s, numbers := c.numbersIn(of, loc)
	if !numbers {
		return c.cut(loc, "sum of what may be no numbers is not compiled")
	}
	node, ok := c.add(of, guard.Sum, loc, c.node)
	if !ok {
		return c.cut(loc, "sum of a value of this kind is not compiled")
	}
	return c.made(node, s, result)
}

func (c *compiler) arithmetic(name string, op int32, args []operand, loc *ast.Location, result func(operand) int32) int32 {
	x, y := shapeOf(args[0]), shapeOf(args[1])
	if !x.number() || !y.number() {
		return c.cut(loc, "%s of what may be no number is not compiled", name)
	}
	s := shape{kind: isNumber, least: x.least && y.least && name != "minus"}
	switch name {
	case "div", "rem":
		n, ok := intOf(args[1])
		if !ok || n <= 0 || name == "rem" && x.kind != isInt {
			return c.cut(loc, "%s by what is no constant above 0 is not compiled", name)
		}
		if name == "rem" {
			s.kind = isInt
		}
	default:
		if x.kind == isInt && y.kind == isInt {
			s.kind = isInt
		}
	}
	nx, okx := c.node(args[0])
	ny, oky := c.node(args[1])
	if !okx || !oky {
		return result(unknown{s})
	}
	return c.made(c.b.call(op, nx, ny), s, result)
}
