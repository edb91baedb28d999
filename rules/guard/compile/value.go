package compile

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// value gives what a rule without operands stands for, in each way in which it is defined.
func (c *compiler) value(ref ast.Ref, rules []*ast.Rule, loc *ast.Location, next func(operand) int32) int32 {
	first := rules[0]
	if len(first.Head.Args) > 0 {
		return c.cut(loc, "a function as a value is not compiled")
	}
	if first.Head.RuleKind() == ast.MultiValue {
		set := solutions{set: true, rule: ref.String()}
		for _, r := range rules {
			set.each = append(set.each, solution{r.Body, r.Head.Key, nil})
		}
		return c.collection(set, loc, next)
	}
	for _, r := range rules {
		if len(r.Head.Ref()) != len(first.Head.Ref()) || r.Head.RuleKind() == ast.MultiValue || !r.Head.Ref().IsGround() {
			return c.cut(loc, "%s is a rule of a kind that is not compiled", ref)
		}
	}
	if truths(rules) {
		return c.memo(ref, rules, next)
	}
	if n, ok := c.number(ref, rules, loc); ok {
		rest := next(n.op)
		if rest == no {
			return no
		}
		return c.b.node(guard.Node{Op: guard.Memo, A: n.memo, C: rest})
	}
	return c.choice(rules, nil, loc, next)
}

// numbered is a rule that is a number. It is worked out once, whoever asks for it.
type numbered struct {
	memo int32
	op   operand
}

// number compiles a rule that is a number, where findings are made, in which it often stands more than once. It is false for a rule
// that is something else, that is known already, or that is not exact.
func (c *compiler) number(ref ast.Ref, rules []*ast.Rule, loc *ast.Location) (numbered, bool) {
	key := ref.String()
	if n, known := c.totals[key]; known || !c.making {
		return n, known && n.op != nil
	}
	back := c.alone()
	plain, fallback := apart(rules)
	k, ok := c.keep(all, func(next func(operand) int32) int32 { return c.ways(plain, fallback, nil, loc, all, next) })
	back()
	n := numbered{}
	if d, is := k.op.(dynamic); ok && is && d.number() && !k.known && k.at != no {
		n = numbered{int32(len(c.b.p.Memos)), d}
		c.b.p.Memos = append(c.b.p.Memos, c.b.node(guard.Node{Op: guard.One, A: k.reg, B: k.at, C: yes}))
	}
	c.totals[key] = n
	return n, n.op != nil
}

// apart takes the default out of the rules of a value.
func apart(rules []*ast.Rule) (plain []*ast.Rule, fallback *ast.Rule) {
	for _, r := range rules {
		if r.Default {
			fallback = r
		} else {
			plain = append(plain, r)
		}
	}
	return plain, fallback
}

// truths tells that rules have no other value than true and no default, so that it does not matter how many of them hold.
func truths(rules []*ast.Rule) bool {
	return !slices.ContainsFunc(rules, func(r *ast.Rule) bool {
		return r.Default || r.Else != nil || r.Head.Value == nil || r.Head.Value.Value.Compare(ast.Boolean(true)) != 0
	})
}

// shared compiles a condition without variables, for all that need it.
func (c *compiler) shared(f func() int32) memo {
	cuts, guesses, reasons, quiet := c.cuts, c.guesses, c.reasons, c.quiet
	c.reasons, c.quiet = nil, 0
	back := c.alone()
	m := memo{at: f()}
	back()
	m.cuts, m.guesses, m.reasons = c.cuts-cuts, c.guesses-guesses, c.reasons
	c.cuts, c.guesses, c.reasons, c.quiet = cuts, guesses, reasons, quiet
	if m.at != yes && m.at != no {
		at := int32(len(c.b.p.Memos))
		c.b.p.Memos = append(c.b.p.Memos, m.at)
		m.at = c.b.node(guard.Node{Op: guard.Memo, A: at, C: yes})
	}
	return m
}

// memo compiles a rule that is true or undefined once for all that refer to it.
func (c *compiler) memo(ref ast.Ref, rules []*ast.Rule, next func(operand) int32) int32 {
	key := ref.String()
	m, known := c.memos[key]
	if !known {
		m = c.shared(func() int32 {
			var all []int32
			for _, r := range rules {
				all = append(all, c.body(r.Body, 0, nil, func(*env) int32 { return yes }))
			}
			return c.b.any(all...)
		})
		c.memos[key] = m
	}
	c.cuts, c.guesses = c.cuts+m.cuts, c.guesses+m.guesses
	if c.quiet == 0 {
		for _, r := range m.reasons {
			c.note(nil, "%s", r)
		}
	}
	if m.cuts > 0 {
		// Where one of the rules holds, OPA may still have an error in another.
		return c.b.when(m.at, yes)
	}
	if m.at == yes {
		return next(fixed{ast.Boolean(true)})
	}
	rest := next(fixed{ast.Boolean(true)})
	switch n := c.b.p.Nodes[m.at]; {
	case m.at == no || rest == no:
		return no
	default:
		n.C = rest
		return c.b.node(n)
	}
}

// choice gives the value of the one rule whose body holds, else that of its else, else the default. args bind the operands of
// functions.
func (c *compiler) choice(rules []*ast.Rule, args []operand, loc *ast.Location, next func(operand) int32) int32 {
	plain, fallback := apart(rules)
	ways := func(how keeping) func(func(operand) int32) int32 {
		return func(next func(operand) int32) int32 { return c.ways(plain, fallback, args, loc, how, next) }
	}
	differ := len(plain) != 1 && (!alike(plain) || c.counting > 0)
	if branches := len(rules) > 1 || plain[0].Else != nil; branches || !unconditional(plain[0]) {
		k, ok := c.keep(all, ways(all))
		if ok && (differ || c.making && branches || k.forked && (c.counting > 0 || !alike(plain[:1]))) {
			if branches && len(plain) == 1 && !k.forked && simple(plain[0]) {
				k, _ = c.keep(first, ways(first))
			}
			return c.kept(k, next)
		}
	}
	if differ {
		return c.cut(loc, "%s has several values, of which two could differ", rules[0].Head.Ref())
	}
	return c.ways(plain, fallback, args, loc, none, next)
}

// simple tells that a rule and those behind its else have values that are defined where their bodies hold.
func simple(r *ast.Rule) bool {
	for ; r != nil; r = r.Else {
		_, isVar := r.Head.Value.Value.(ast.Var)
		if !isVar && !(r.Head.Value.IsGround() && plain(r.Head.Value.Value)) {
			return false
		}
	}
	return true
}

// unconditional tells that a rule's body is always true.
func unconditional(r *ast.Rule) bool {
	return len(r.Body) == 1 && r.Body[0].String() == "true"
}

// ways compiles each way in which a value can come about. how tells how it is seen to that only one of them counts.
func (c *compiler) ways(plain []*ast.Rule, fallback *ast.Rule, args []operand, loc *ast.Location, how keeping, next func(operand) int32) int32 {
	var ways []int32
	holds := func(r *ast.Rule) func() int32 {
		return func() int32 {
			return c.bind(r.Head.Args, args, nil, loc, func(e *env) int32 { return c.body(r.Body, 0, e, func(*env) int32 { return yes }) })
		}
	}
	behind := func(before []int32, cond int32) int32 {
		for _, b := range before {
			if how != first {
				cond = c.b.not(b, cond)
			}
		}
		return cond
	}
	var every []int32 // the conditions under which some rule has the value
	for _, r := range plain {
		var before []int32 // those under which an earlier one has it
		for ; r != nil; r = r.Else {
			forks := c.forks
			way := c.bind(r.Head.Args, args, nil, loc, func(e *env) int32 {
				return c.body(r.Body, 0, e, func(e *env) int32 {
					if how == none && c.forks > forks && (c.counting > 0 || !alike([]*ast.Rule{{Head: r.Head}})) {
						return c.cut(loc, "%s could have two values that differ", r.Head.Ref())
					}
					return c.term(r.Head.Value, e, func(op operand, _ *env) int32 { return next(op) })
				})
			})
			ways = append(ways, behind(before, way))
			if r.Else == nil && fallback == nil {
				break
			}
			at, exact, _ := c.whole(holds(r))
			if !exact {
				return yes
			}
			before, every = append(before, at), append(every, at)
		}
	}
	if fallback != nil {
		ways = append(ways, behind(every, c.term(fallback.Head.Value, nil, func(op operand, _ *env) int32 { return next(op) })))
	}
	return c.b.any(ways...)
}

// alike tells that rules have one and the same constant for a value.
func alike(rules []*ast.Rule) bool {
	for _, r := range rules {
		if r.Else != nil || !r.Head.Value.IsGround() || !plain(r.Head.Value.Value) || !r.Head.Value.Equal(rules[0].Head.Value) {
			return false
		}
	}
	return true
}

// bind gives the operands of a function to its parameters.
func (c *compiler) bind(params []*ast.Term, args []operand, e *env, loc *ast.Location, next then) int32 {
	if len(params) == 0 {
		return next(e)
	}
	return c.unify(params[0], args[0], e, loc, func(e *env) int32 { return c.bind(params[1:], args[1:], e, loc, next) })
}

// unify makes a term and an operand equal.
func (c *compiler) unify(t *ast.Term, op operand, e *env, loc *ast.Location, next then) int32 {
	if v, ok := t.Value.(ast.Var); ok {
		switch known := e.get(v).(type) {
		case free:
			if o, ok := op.(free); ok {
				if o.name == v {
					return next(e)
				}
				return c.cut(loc, "two variables without a value are made equal")
			}
			return next(e.with(v, op))
		default:
			return c.same(known, op, e, loc, next)
		}
	}
	if a, ok := t.Value.(*ast.Array); ok && !a.IsGround() {
		return c.pattern(a, op, e, loc, next)
	}
	if o, ok := t.Value.(ast.Object); ok && !o.IsGround() {
		return c.cut(loc, "a pattern of an object is not compiled")
	}
	return c.term(t, e, func(known operand, e *env) int32 { return c.same(known, op, e, loc, next) })
}

// same makes two operands equal, of which either may be free.
func (c *compiler) same(a, b operand, e *env, loc *ast.Location, next then) int32 {
	if f, ok := a.(free); ok {
		if _, ok := b.(free); !ok {
			return next(e.with(f.name, b))
		}
	}
	if f, ok := b.(free); ok {
		if _, ok := a.(free); !ok {
			return next(e.with(f.name, a))
		}
		return c.cut(loc, "two variables without a value are made equal")
	}
	return c.compare(a, b, guard.Equal, loc, func() int32 { return next(e) })
}

// pattern takes a list apart.
func (c *compiler) pattern(a *ast.Array, op operand, e *env, loc *ast.Location, next then) int32 {
	var items []operand
	switch o := op.(type) {
	case several:
		items = o.items
	case fixed:
		known, ok := o.v.(*ast.Array)
		if !ok {
			return no
		}
		known.Foreach(func(t *ast.Term) { items = append(items, fixed{t.Value}) })
	default:
		return c.cut(loc, "a pattern of a list is not compiled")
	}
	if len(items) != a.Len() {
		return no
	}
	return c.bind(terms(a), items, e, loc, next)
}
