package compile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// findings compiles what a rule finds: each solution of its bodies ends in a finding. It gives 0 where OPA has to make them,
// which it does unless all is exact.
func (c *compiler) findings(ref ast.Ref) int32 {
	c.making = true
	defer func() { c.making = false }()
	at, exact, _ := c.whole(func() int32 {
		var all []int32
		for _, r := range c.Compiler.GetRulesExact(ref) {
			if r.Head.RuleKind() != ast.MultiValue || r.Head.Key == nil {
				return c.cut(r.Location, "not a set")
			}
			all = append(all, c.body(r.Body, 0, nil, func(e *env) int32 {
				return c.term(r.Head.Key, e, func(op operand, _ *env) int32 { return c.finding(op, r.Location) })
			}))
		}
		return c.b.any(all...)
	})
	if !exact || at == yes {
		return 0
	}
	return at
}

// finding compiles one finding. What OPA's result would be refused for is left to OPA.
func (c *compiler) finding(op operand, loc *ast.Location) int32 {
	stated := map[string]operand{}
	switch o := op.(type) {
	case fields:
		stated = o.of
	case fixed:
		object, ok := o.v.(ast.Object)
		if !ok {
			return c.cut(loc, "a finding that is no object is not compiled")
		}
		object.Foreach(func(k, v *ast.Term) {
			if name, ok := k.Value.(ast.String); ok {
				stated[string(name)] = fixed{v.Value}
			}
		})
	}
	if stated["message"] == nil {
		return c.cut(loc, "a finding without a message is not compiled")
	}
	var pairs []int32
	for _, name := range slices.Sorted(maps.Keys(stated)) {
		key, ok := guard.Keys[name]
		node, known := c.node(stated[name])
		if !ok || !known || !fitting(key, stated[name]) {
			return c.cut(loc, "%s of a finding is not compiled", name)
		}
		pairs = append(pairs, key, node)
	}
	return c.b.node(guard.Node{Op: guard.Emit, A: c.b.args(pairs...), B: int32(len(pairs) / 2)})
}

// fitting tells that a finding can have a value for a key.
func fitting(key int32, op operand) bool {
	s := shapeOf(op)
	switch key {
	case guard.KeyLine, guard.KeyRetrySeconds:
		return s.kind == isInt && !s.null
	case guard.KeyTemporary:
		return s.kind == isBool
	case guard.KeyValue, guard.KeyLimit:
		return s.kind == isInt || s.kind == isNumber || s.kind == isText || isNull(op)
	}
	return s.text()
}

// digits tells that a number, or each one in a value, is written as OPA would write it: a rule can show how it is.
func digits(v ast.Value) bool {
	ok := true
	ast.WalkTerms(v, func(t *ast.Term) bool {
		if n, isNumber := t.Value.(ast.Number); isNumber {
			if i, whole := integer(n); whole && strconv.FormatInt(i, 10) != string(n) {
				ok = false
			}
		}
		return !ok
	})
	return ok
}

// constant gives the node of a constant, false for one that guards have no form for.
func (c *compiler) constant(v ast.Value) (int32, bool) {
	if c.making && !digits(v) {
		return 0, false
	}
	return c.b.value(v)
}

// format compiles sprintf, whose result is known to exist. It is computed for verbs that make of an operand what it looks like.
func (c *compiler) format(format string, list []operand) (int32, bool) {
	at, _ := c.b.value(ast.String(format))
	nodes := []int32{at}
	rest := format
	for _, op := range list {
		s := shapeOf(op)
		node, ok := c.node(op)
		verb := ""
		if verb, rest, _ = nextVerb(rest); !ok || s.null || verb == "" {
			return 0, false
		}
		nodes = append(nodes, node)
		switch verb[len(verb)-1] {
		case 's', 'q':
			ok = s.kind == isText && len(verb) == 1
		case 'd':
			ok = s.kind == isInt || s.kind == isNumber
		case 'v':
			ok = (s.kind == isInt || s.kind == isNumber || s.kind == isText) && len(verb) == 1
		default:
			ok = false
		}
		if !ok {
			return 0, false
		}
	}
	if verb, _, more := nextVerb(rest); verb != "" || more || len(list) > maxFormatted {
		return 0, false
	}
	return c.b.call(guard.Format, nodes...), true
}

const maxFormatted = 12

// nextVerb gives the next verb of a format with the digits before it, and what follows. more tells that there is one.
func nextVerb(format string) (verb, rest string, more bool) {
	for {
		_, after, found := strings.Cut(format, "%")
		if !found {
			return "", "", false
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
		switch {
		case end < 0:
			return "", "", true
		case after[end] == '%' && end == 0:
			format = after[1:]
			continue
		case end > 2:
			return "", "", true
		}
		return after[:end+1], after[end+1:], true
	}
}
