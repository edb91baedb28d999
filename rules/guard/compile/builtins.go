package compile

import (
	"net"
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
	mixed, counting, ordered := c.mixed, c.counting, c.ordered
	if c.mixed, c.ordered = 0, 0; how == guard.InOrder {
		c.ordered = 1
	}
	if c.counting++; how == guard.Distinct {
		c.counting = 0
	}
	at, exact := c.collect(list, of, loc)
	if how == guard.InOrder && c.mixed > 0 {
		ok = false // elements of a set come in its order
	}
	c.mixed, c.counting, c.ordered = mixed+c.mixed, counting, ordered
	return c.b.node(guard.Node{Op: guard.Join, A: list, B: at, C: between, D: how}), ok && exact
}

// collect gives the condition that puts the texts of a collection into a list. It is not ok unless that is exact.
func (c *compiler) collect(list int32, of operand, loc *ast.Location) (at int32, ok bool) {
	last, cuts, guesses := c.last, c.cuts, c.guesses
	c.last = 0
	c.quiet++
	ok = true
	at, exact, _ := c.whole(func() int32 {
		return c.elements(of, loc, func(v operand) int32 {
			node, good := c.node(v)
			ok = ok && good
			return c.b.node(guard.Node{Op: guard.Collect, A: list, B: node})
		})
	})
	c.quiet--
	c.last, c.cuts, c.guesses = last, cuts, guesses
	return at, ok && exact
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

// slice compiles a part of a list.
func (c *compiler) slice(args []operand, loc *ast.Location, result func(operand) int32) int32 {
	s, from, to := shapeOf(args[0]), shapeOf(args[1]), shapeOf(args[2])
	list, isDynamic := args[0].(dynamic)
	if !isDynamic || s.kind != isList || s.null || s.elem == nil || !s.elem.scalar() || from.kind != isInt || from.null || to.kind != isInt || to.null {
		return c.cut(loc, "array.slice of values of this kind is not compiled")
	}
	a, okA := c.node(args[1])
	b, okB := c.node(args[2])
	if !okA || !okB {
		return c.cut(loc, "array.slice of values of this kind is not compiled")
	}
	return c.made(c.b.call(guard.Slice, list.node, a, b), s, result)
}

// network compiles the question whether a text is an address with a number of bits.
func (c *compiler) network(of operand, loc *ast.Location, test func() int32, isTest bool, result func(operand) int32) int32 {
	node, ok := c.node(of)
	if !ok || !shapeOf(of).text() {
		return c.cut(loc, "net.cidr_is_valid of values of this kind is not compiled")
	}
	is := c.b.call(guard.IsNetwork, node)
	if !isTest {
		return result(dynamic{is, shape{kind: isBool}})
	}
	next := test
	if address, ok := c.lengthened(node); ok {
		next = func() int32 { return knowing(c.addresses, address, test) }
	}
	return c.b.holds(is, next())
}

// lengthened gives the text that another one is but for a slash and digits at its end. It is an address where the other is a network.
func (c *compiler) lengthened(node int32) (address int32, ok bool) {
	n := c.b.p.Nodes[c.whence(node)]
	if n.Op != guard.Call || n.A != guard.Concat || n.C != 3 {
		return 0, false
	}
	sep, okSep := c.stated(c.b.p.Args[n.B])
	end, okEnd := c.stated(c.b.p.Args[n.B+2])
	return c.b.p.Args[n.B+1], okSep && okEnd && sep == "" && strings.HasPrefix(end, "/") && strings.Trim(end[1:], "0123456789") == ""
}

// whence gives the node that has made what another one loads.
func (c *compiler) whence(node int32) int32 {
	if n := c.b.p.Nodes[node]; n.Op == guard.Load {
		if at, ok := c.from[n.A]; ok {
			return at
		}
	}
	return node
}

// stated gives the text that a node is, if it is a constant.
func (c *compiler) stated(node int32) (string, bool) {
	n := c.b.p.Nodes[node]
	if n.Op != guard.Value || c.b.p.Consts[n.A].Kind != guard.ConstText {
		return "", false
	}
	return c.b.p.Consts[n.A].Text, true
}

// within compiles that a network holds an address. OPA has an error where it is none.
func (c *compiler) within(of, address operand, loc *ast.Location, result func(operand) int32) int32 {
	s, ok := textOf(of)
	node, known := c.node(address)
	if _, _, err := net.ParseCIDR(s); !ok || err != nil || !known || c.addresses[node] == 0 {
		return c.cut(loc, "net.cidr_contains is only compiled for a constant network and what is an address for certain")
	}
	at, _ := c.b.value(ast.String(s))
	return result(dynamic{c.b.call(guard.InNetwork, at, node), shape{kind: isBool}})
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

// matches compiles the first match of a pattern.
func (c *compiler) matches(args []operand, loc *ast.Location, result func(operand) int32) int32 {
	n, ok := intOf(args[2])
	if !ok || n != 1 {
		return c.cut(loc, "regex.find_all_string_submatch_n is only compiled for one match")
	}
	p, ok := textOf(args[0])
	node, known := c.node(args[1])
	if !ok || !known || !shapeOf(args[1]).text() {
		return c.cut(loc, "regex.find_all_string_submatch_n with what is no constant pattern is not compiled")
	}
	re, err := regexp.Compile(p)
	if err != nil {
		return c.cut(loc, "regex.find_all_string_submatch_n has an error here")
	}
	return result(matches{node, c.b.pattern(p), re.NumSubexp()})
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
