package compile

import (
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"postern/rules/guard"
)

// call compiles a call, with or without a variable for its result.
func (c *compiler) call(x *ast.Expr, t []*ast.Term, e *env, next then) int32 {
	name := t[0].Value.(ast.Ref)
	loc := x.Location
	if x.IsEquality() {
		return c.equality(t[1], t[2], e, loc, next)
	}
	arity := c.arity(name)
	if len(t)-1 < arity || len(t)-1 > arity+1 {
		return c.cut(loc, "%s is not compiled", name)
	}
	return c.terms(t[1:arity+1], e, func(args []operand, e *env) int32 {
		for _, a := range args {
			if _, ok := a.(free); ok {
				return c.cut(loc, "%s of a variable without a value", name)
			}
		}
		result := func(op operand) int32 {
			if len(t)-1 == arity {
				return c.holds(op, loc, func() int32 { return next(e) })
			}
			return c.unify(t[arity+1], op, e, loc, next)
		}
		if name.HasPrefix(ast.DefaultRootRef) {
			return c.function(name, args, loc, result)
		}
		return c.builtin(name.String(), args, loc, func() int32 { return next(e) }, len(t)-1 == arity, result)
	})
}

// equality compiles =, which gives variables their values or compares.
func (c *compiler) equality(a, b *ast.Term, e *env, loc *ast.Location, next then) int32 {
	pattern := func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Var:
			_, ok := e.get(v).(free)
			return ok
		case *ast.Array:
			return !plain(v)
		case ast.Object:
			return false
		}
		return false
	}
	if !pattern(a) && pattern(b) {
		a, b = b, a
	}
	if pattern(a) {
		return c.term(b, e, func(op operand, e *env) int32 { return c.unify(a, op, e, loc, next) })
	}
	return c.terms([]*ast.Term{a, b}, e, func(ops []operand, e *env) int32 {
		return c.compare(ops[0], ops[1], guard.Equal, loc, func() int32 { return next(e) })
	})
}

// function puts in a function of the policies.
func (c *compiler) function(name ast.Ref, args []operand, loc *ast.Location, next func(operand) int32) int32 {
	rules := c.Compiler.GetRulesExact(name)
	if len(rules) == 0 {
		return c.cut(loc, "%s is not one function", name)
	}
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > maxDepth {
		return c.cut(loc, "too large to be compiled")
	}
	if !truths(rules) {
		return c.choice(rules, args, loc, next)
	}
	bodies := func(next then) int32 {
		var all []int32
		for _, r := range rules {
			all = append(all, c.bind(r.Head.Args, args, nil, loc, func(e *env) int32 { return c.body(r.Body, 0, e, next) }))
		}
		return c.b.any(all...)
	}
	c.last++
	at, _, safe := c.whole(func() int32 { return bodies(func(*env) int32 { return yes }) })
	c.last--
	if safe {
		return c.b.when(at, next(fixed{ast.Boolean(true)}))
	}
	// Where one of the bodies holds and what follows does not, OPA may still have an error in another: all are gone through.
	return bodies(func(*env) int32 { return next(fixed{ast.Boolean(true)}) })
}

var comparisons = map[string]int32{
	"equal": guard.Equal, "neq": guard.NotEqual, "lt": guard.Less, "lte": guard.LessEqual, "gt": guard.Greater, "gte": guard.GreaterEqual,
}

// textFunctions take texts only and have no errors. result is the kind of what they give.
var textFunctions = map[string]struct {
	op     int32
	args   int
	result kind
}{
	"lower": {guard.Lower, 1, isText}, "upper": {guard.Upper, 1, isText}, "trim_space": {guard.TrimSpace, 1, isText},
	"trim_prefix": {guard.TrimPrefix, 2, isText}, "trim_suffix": {guard.TrimSuffix, 2, isText}, "trim": {guard.Trim, 2, isText}, "replace": {guard.Replace, 3, isText},
	"startswith": {guard.StartsWith, 2, isBool}, "endswith": {guard.EndsWith, 2, isBool}, "contains": {guard.Contains, 2, isBool},
}

var arithmetic = map[string]int32{"plus": guard.Plus, "minus": guard.Minus, "mul": guard.Times, "div": guard.Divide, "rem": guard.Remainder}

var roundings = map[string]int32{"round": guard.Round, "floor": guard.Floor, "ceil": guard.Ceil, "abs": guard.Abs}

// builtin compiles a function of Rego. test goes on without a result where isTest, result with one.
func (c *compiler) builtin(name string, args []operand, loc *ast.Location, test func() int32, isTest bool, result func(operand) int32) int32 {
	if how, ok := comparisons[name]; ok {
		if isTest {
			return c.compare(args[0], args[1], how, loc, test)
		}
		at, exact, safe := c.whole(func() int32 { return c.compare(args[0], args[1], how, loc, func() int32 { return yes }) })
		switch {
		case !safe:
			return yes
		case !exact:
			return result(unknown{shape{kind: isBool}})
		}
		return c.b.any(c.b.when(at, result(fixed{ast.Boolean(true)})), c.b.not(at, result(fixed{ast.Boolean(false)})))
	}
	if all, ok := constants(args); ok && name != "regex.match" && name != "numbers.range" {
		return c.fold(name, all, loc, result)
	}
	if f, ok := textFunctions[name]; ok {
		nodes := make([]int32, len(args))
		for i, a := range args {
			s := shapeOf(a)
			if !s.text() {
				return c.cut(loc, "%s of what may be no text is not compiled", name)
			}
			if _, ok := a.(unknown); ok {
				return result(unknown{shape{kind: f.result}})
			}
			nodes[i], _ = c.node(a)
		}
		return c.made(c.b.call(f.op, nodes...), shape{kind: f.result}, result)
	}
	if op, ok := arithmetic[name]; ok {
		return c.arithmetic(name, op, args, loc, result)
	}
	if op, ok := roundings[name]; ok {
		s := shapeOf(args[0])
		if !s.number() {
			return c.cut(loc, "%s of what may be no number is not compiled", name)
		}
		s = shape{kind: isInt, least: s.least || name == "abs"}
		if node, ok := c.node(args[0]); ok {
			return c.made(c.b.call(op, node), s, result)
		}
		return result(unknown{s})
	}
	switch name {
	case "internal.member_2":
		return c.member(args[0], args[1], loc, isTest, test, result)
	case "count":
		return c.count(args[0], loc, result)
	case "sum":
		return c.sum(args[0], loc, result)
	case "max", "min":
		return c.extreme(name, args[0], loc, result)
	case "concat":
		return c.concat(args[0], args[1], loc, result)
	case "split":
		return c.split(args[0], args[1], loc, result)
	case "numbers.range":
		return c.numbers(args[0], args[1], loc, result)
	case "substring":
		return c.substring(args, loc, result)
	case "sprintf":
		return c.sprintf(args, loc, result)
	case "regex.match":
		return c.match(args[0], args[1], loc, result)
	case "array.concat", "or", "and":
		return c.joined(name, args, loc, result)
	case "sort":
		if s, ok := args[0].(solutions); ok { // an array, in which each element of a set stands once
			return result(both{a: s, b: fixed{ast.NewArray()}})
		}
	case "format_int":
		if base, ok := intOf(args[1]); ok && shapeOf(args[0]).number() && base == 10 {
			return result(unknown{shape{kind: isText}})
		}
	}
	return c.cut(loc, "%s is not compiled", name)
}

// made puts a computed value into a register, so that it is computed once, and ends the way where it is not defined.
func (c *compiler) made(node int32, s shape, next func(operand) int32) int32 {
	if s.kind == isBool {
		return next(dynamic{node, s})
	}
	reg := c.b.register()
	return c.b.let(reg, node, next(dynamic{c.b.load(reg), s}))
}

// node gives the node that computes an operand.
func (c *compiler) node(op operand) (int32, bool) {
	switch o := op.(type) {
	case fixed:
		return c.b.value(o.v)
	case dynamic:
		return o.node, true
	case size:
		return c.total(o.of, nil)
	}
	return 0, false
}

// fold has OPA work out a function of constants.
func (c *compiler) fold(name string, args []*ast.Term, loc *ast.Location, result func(operand) int32) int32 {
	f := topdown.GetBuiltin(name)
	b := ast.BuiltinMap[name]
	room := 0
	for _, a := range args {
		ast.WalkTerms(a, func(t *ast.Term) bool {
			switch v := t.Value.(type) {
			case ast.String:
				room += len(v)
			case ast.Number:
				room += len(v)
			}
			room++
			return false
		})
	}
	if name == "sprintf" {
		format, _ := args[0].Value.(ast.String)
		foldable := !strings.ContainsAny(string(format), "0123456789*[")
		if !foldable {
			room = maxFolded
		}
	} else if !foldable[name] {
		return c.cut(loc, "%s is not compiled", name)
	}
	if f == nil || b == nil || room >= maxFolded {
		return c.cut(loc, "%s is not compiled", name)
	}
	var out *ast.Term
	err := f(topdown.BuiltinContext{}, args, func(t *ast.Term) error {
		out = t
		return nil
	})
	switch {
	case err != nil:
		return c.cut(loc, "%s has an error here", name)
	case out == nil:
		return no
	}
	return result(fixed{out.Value})
}

// foldable are the functions that are worked out while compiling: those that take little time and whose results are little larger
// than their operands.
var foldable = map[string]bool{
	"lower": true, "upper": true, "trim_space": true, "trim_prefix": true, "trim_suffix": true, "trim": true, "trim_left": true,
	"trim_right": true, "startswith": true, "endswith": true, "contains": true, "plus": true, "minus": true, "div": true, "rem": true,
	"round": true, "floor": true, "ceil": true, "abs": true, "internal.member_2": true, "count": true, "sum": true, "max": true,
	"min": true, "concat": true, "split": true, "substring": true, "array.concat": true, "array.slice": true, "or": true, "and": true,
	"sort": true, "format_int": true, "mul": true, "object.get": true, "strings.reverse": true,
}

// maxFolded bounds the text of the operands of what is worked out while compiling.
const maxFolded = 64 << 10

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
	return c.b.compare(nx, ny, how, next())
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
	counting := c.counting
	c.counting = 0
	at, exact, safe := c.whole(func() int32 { return c.elements(of, loc, func(operand) int32 { return yes }) })
	c.counting = counting
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
func (c *compiler) total(of operand, loc *ast.Location) (int32, bool) { return c.add(of, loc, nil) }

func (c *compiler) add(of operand, loc *ast.Location, term func(operand) (int32, bool)) (int32, bool) {
	sum := c.b.p.Sums
	c.b.p.Sums++
	one, _ := c.b.value(ast.InternedTerm(1).Value)
	ok := true
	last := c.last
	c.counting, c.last = c.counting+1, 0
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
			return c.b.node(guard.Node{Op: guard.Add, A: sum, B: node})
		})
	})
	c.counting, c.last = c.counting-1, last
	if !exact || !ok {
		return 0, false
	}
	return c.b.node(guard.Node{Op: guard.Total, A: sum, B: at}), true
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

// sum compiles the sum of the elements of a comprehension.
func (c *compiler) sum(of operand, loc *ast.Location, result func(operand) int32) int32 {
	numbers := true
	s := shape{kind: isInt, least: true}
	c.look(of, loc, func(item shape) {
		numbers = numbers && item.number()
		if item.kind != isInt {
			s.kind = isNumber
		}
		s.least = s.least && item.least
	})
	if !numbers {
		return c.cut(loc, "sum of what may be no numbers is not compiled")
	}
	node, ok := c.add(of, loc, c.node)
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

// maxJoined bounds the texts that guards join.
const maxJoined = 4

func (c *compiler) concat(sep, list operand, loc *ast.Location, result func(operand) int32) int32 {
	if !shapeOf(sep).text() {
		return c.cut(loc, "concat with what may be no text is not compiled")
	}
	if l := shapeOf(list); l.kind == isList && !l.null && l.elem != nil && l.elem.text() {
		return result(unknown{shape{kind: isText}})
	}
	switch list.(type) {
	case solutions, both:
		texts := true
		c.look(list, loc, func(s shape) { texts = texts && s.text() })
		if texts {
			return result(unknown{shape{kind: isText}})
		}
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

// sprintf is not computed; that it has a result is known.
func (c *compiler) sprintf(args []operand, loc *ast.Location, result func(operand) int32) int32 {
	format, ok := textOf(args[0])
	_, list := args[1].(several)
	if !ok || !list && shapeOf(args[1]).kind != isList || strings.ContainsAny(format, "*[") {
		return c.cut(loc, "sprintf of values of this kind is not compiled")
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
