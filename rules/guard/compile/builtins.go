package compile

import (
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// member compiles that a value is in a collection.
func (c *compiler) member(v, in operand, loc *ast.Location, isTest bool, test func() int32, result func(operand) int32) int32 {
	if s := shapeOf(v); s.scalar() {
		x, okx := c.node(v)
		y, oky := c.node(in)
		_, known := in.(fixed)
		if l := shapeOf(in); okx && oky && (known && members(in.(fixed).v) || l.kind == isList && !l.null && l.elem != nil && l.elem.scalar()) {
			return result(dynamic{c.b.call(guard.Member, x, y), shape{kind: isBool}})
		}
	}
	if !isTest {
		return c.cut(loc, "in, as a value, is not compiled for values of this kind")
	}
	switch in.(type) {
	case solutions, both, several, fixed, dynamic:
		return c.when(func() int32 { return c.among(in, v, loc) }, test)
	}
	return c.cut(loc, "in is not compiled for values of this kind")
}

// members tells that a constant is an array or set of scalars.
func members(v ast.Value) bool {
	if _, ok := v.(ast.Object); ok {
		return false
	}
	_, values, ok := entries(v)
	for _, item := range values {
		s := shapeOfValue(item)
		ok = ok && (s.scalar() || isNull(fixed{item}))
	}
	return ok
}

func (c *compiler) extreme(name string, of operand, loc *ast.Location, result func(operand) int32) int32 {
	switch of.(type) {
	case solutions, both:
		return c.extremeOf(name, of, loc, result)
	}
	list, ok := of.(several)
	if !ok || len(list.items) == 0 {
		return c.cut(loc, "%s of a value of this kind is not compiled", name)
	}
	s := shape{kind: isInt, least: name == "min"}
	var nodes []int32
	for _, item := range list.items {
		known := shapeOf(item)
		node, ok := c.node(item)
		if !ok || !known.number() {
			return c.cut(loc, "%s of a value of this kind is not compiled", name)
		}
		if known.kind != isInt {
			s.kind = isNumber
		}
		if name == "max" {
			s.least = s.least || known.least
		} else {
			s.least = s.least && known.least
		}
		nodes = append(nodes, node)
	}
	op := guard.Largest
	if name == "min" {
		op = guard.Least
	}
	return c.made(c.b.call(op, nodes...), s, result)
}

// extremeOf compiles the extreme of a collection, which an empty one does not have.
func (c *compiler) extremeOf(name string, of operand, loc *ast.Location, result func(operand) int32) int32 {
	how := guard.Most
	if name == "min" {
		how = guard.Fewest
	}
	s, numbers := c.numbersIn(of, loc)
	if !numbers {
		return c.cut(loc, "%s of what may be no numbers is not compiled", name)
	}
	node, ok := c.add(of, how, loc, c.node)
	if !ok {
		return c.cut(loc, "%s of a value of this kind is not compiled", name)
	}
	reg := c.b.register()
	return c.b.let(reg, node, result(dynamic{c.b.load(reg), s}))
}

// maxJoined bounds the texts that guards join.
const maxJoined = 4

func (c *compiler) concat(sep, list operand, loc *ast.Location, result func(operand) int32) int32 {
	if !shapeOf(sep).text() {
		return c.cut(loc, "concat with what may be no text is not compiled")
	}
	texts := false
	if l := shapeOf(list); l.kind == isList && !l.null && l.elem != nil {
		texts = l.elem.text()
	}
	switch list.(type) {
	case solutions, both:
		texts = true
		c.look(list, loc, func(s shape) { texts = texts && s.text() })
	}
	if texts {
		if node, ok := c.joining(sep, list, loc); ok {
			return c.made(node, shape{kind: isText}, result)
		}
		return result(unknown{shape{kind: isText}})
	}
	items, ok := list.(several)
	if !ok {
		return c.cut(loc, "concat of a value of this kind is not compiled")
	}
	first, ok := c.node(sep)
	known := ok && len(items.items) <= maxJoined
	nodes := []int32{first}
	for _, item := range items.items {
		if !shapeOf(item).text() {
			return c.cut(loc, "concat of what may be no text is not compiled")
		}
		node, ok := c.node(item)
		known = known && ok
		nodes = append(nodes, node)
	}
	if !known {
		return result(unknown{shape{kind: isText}})
	}
	return c.made(c.b.call(guard.Concat, nodes...), shape{kind: isText}, result)
}

// joining gives the node that joins the texts of a collection.
func (c *compiler) joining(sep, of operand, loc *ast.Location) (int32, bool) {
	between, ok := c.node(sep)
	how := guard.InOrder
	if b, ok := of.(both); ok && b.sorted {
		if of, how = b.a, guard.Sorted; b.a.(solutions).set {
			how = guard.Distinct
		}
	} else if _, set := kindOfCollection(of); set {
		how = guard.Distinct
	}
	list := c.b.p.Lists
	c.b.p.Lists++
	last, mixed, counting, cuts, guesses := c.last, c.mixed, c.counting, c.cuts, c.guesses
	c.last, c.mixed, c.counting = 0, 0, c.counting+1
	if how == guard.Distinct {
		c.counting = 0
	}
	c.quiet++
	at, exact, _ := c.whole(func() int32 {
		return c.elements(of, loc, func(v operand) int32 {
			node, good := c.node(v)
			ok = ok && good
			return c.b.node(guard.Node{Op: guard.Collect, A: list, B: node})
		})
	})
	c.quiet--
	if how == guard.InOrder && c.mixed > 0 {
		ok = false // elements of a set come in its order
	}
	c.last, c.mixed, c.counting, c.cuts, c.guesses = last, mixed+c.mixed, counting, cuts, guesses
	return c.b.node(guard.Node{Op: guard.Join, A: list, B: at, C: between, D: how}), ok && exact
}

func (c *compiler) split(text, sep operand, loc *ast.Location, result func(operand) int32) int32 {
	by, ok := textOf(sep)
	if !ok || by == "" || !shapeOf(text).text() {
		return c.cut(loc, "split by what is no constant text is not compiled")
	}
	s := shape{kind: isList, elem: &shape{kind: isText}}
	node, ok := c.node(text)
	if !ok {
		return result(unknown{s})
	}
	at, _ := c.b.value(ast.String(by))
	return c.made(c.b.call(guard.Split, node, at), s, result)
}

func (c *compiler) substring(args []operand, loc *ast.Location, result func(operand) int32) int32 {
	offset, length := shapeOf(args[1]), shapeOf(args[2])
	if !shapeOf(args[0]).text() || offset.kind != isInt || offset.null || length.kind != isInt || length.null {
		return c.cut(loc, "substring of values of this kind is not compiled")
	}
	if !offset.least {
		return c.cut(loc, "substring from what may be below 0 is not compiled")
	}
	var nodes []int32
	for _, a := range args {
		node, ok := c.node(a)
		if !ok {
			return result(unknown{shape{kind: isText}})
		}
		nodes = append(nodes, node)
	}
	return c.made(c.b.call(guard.Substring, nodes...), shape{kind: isText}, result)
}

func (c *compiler) sprintf(args []operand, loc *ast.Location, result func(operand) int32) int32 {
	format, ok := textOf(args[0])
	_, list := args[1].(several)
	if !ok || !list && shapeOf(args[1]).kind != isList || strings.ContainsAny(format, "*[") {
		return c.cut(loc, "sprintf of values of this kind is not compiled")
	}
	if all, ok := args[1].(several); ok {
		if node, ok := c.format(format, all.items); ok {
			return c.made(node, shape{kind: isText}, result)
		}
	}
	return result(unknown{shape{kind: isText}})
}

func (c *compiler) match(pattern, text operand, loc *ast.Location, result func(operand) int32) int32 {
	p, ok := textOf(pattern)
	if !ok || !shapeOf(text).text() {
		return c.cut(loc, "regex.match with what is no constant pattern is not compiled")
	}
	if _, err := regexp.Compile(p); err != nil {
		return c.cut(loc, "regex.match has an error here")
	}
	node, ok := c.node(text)
	if !ok {
		return result(unknown{shape{kind: isBool}})
	}
	return result(dynamic{c.b.call(guard.Matches, node, c.b.pattern(p)), shape{kind: isBool}})
}

// joined makes one collection of two.
func (c *compiler) joined(name string, args []operand, loc *ast.Location, result func(operand) int32) int32 {
	for _, a := range args {
		list, set := kindOfCollection(a)
		if name == "array.concat" && !list || name != "array.concat" && !set {
			return c.cut(loc, "%s of values of this kind is not compiled", name)
		}
	}
	return result(both{a: args[0], b: args[1], intersect: name == "and", set: name != "array.concat"})
}

func kindOfCollection(op operand) (list, set bool) {
	switch o := op.(type) {
	case fixed:
		_, list = o.v.(*ast.Array)
		_, set = o.v.(ast.Set)
	case several:
		list = true
	case dynamic:
		list = o.kind == isList && !o.null
	case solutions:
		list, set = !o.set, o.set
	case both:
		list, set = !o.set, o.set
	}
	return list, set
}

// numbers compiles the numbers from 0 on.
func (c *compiler) numbers(first, last operand, loc *ast.Location, result func(operand) int32) int32 {
	from, ok := intOf(first)
	s := shapeOf(last)
	node, known := c.node(last)
	if !ok || from != 0 || s.kind != isInt || s.null || !s.least || !known {
		return c.cut(loc, "numbers.range is only compiled from 0 to what is not below")
	}
	return c.made(c.b.call(guard.Range, node), shape{kind: isList, elem: &shape{kind: isInt, least: true}}, result)
}
