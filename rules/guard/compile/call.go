package compile

import (
	"github.com/open-policy-agent/opa/v1/ast"

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
	switch {
	case at == no && safe:
		return no // what follows is never evaluated
	case safe:
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

// unfolded are functions that are compiled for constants too.
var unfolded = map[string]bool{
	"regex.match": true, "numbers.range": true, "net.cidr_is_valid": true, "regex.find_all_string_submatch_n": true,
}

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
	if all, ok := constants(args); ok && !unfolded[name] {
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
	case "array.slice":
		return c.slice(args, loc, result)
	case "net.cidr_is_valid":
		return c.network(args[0], loc, test, isTest, result)
	case "net.cidr_contains":
		return c.within(args[0], args[1], loc, result)
	case "regex.find_all_string_submatch_n":
		return c.matches(args, loc, result)
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
			return result(both{a: s, b: fixed{ast.NewArray()}, sorted: true})
		}
	case "format_int":
		if base, ok := intOf(args[1]); ok && shapeOf(args[0]).number() && base == 10 {
			if node, ok := c.node(args[0]); ok && shapeOf(args[0]).kind == isInt {
				return c.made(c.b.call(guard.Decimal, node), shape{kind: isText}, result)
			}
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
	c.from[reg] = node
	rest := next(dynamic{c.b.load(reg), s})
	if rest == yes {
		return yes // it is defined, whatever it is
	}
	return c.b.let(reg, node, rest)
}

// node gives the node that computes an operand.
func (c *compiler) node(op operand) (int32, bool) {
	switch o := op.(type) {
	case fixed:
		return c.constant(o.v)
	case dynamic:
		return o.node, true
	case size:
		return c.total(o.of, nil)
	}
	return 0, false
}
