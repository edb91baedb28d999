package compile

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// Policies is what rules are compiled from.
type Policies struct {
	Compiler *ast.Compiler
	Data     ast.Object // what the policies see under data besides themselves
}

// Report tells how well a rule could be compiled.
type Report struct {
	Rule string `json:"rule"`
	// Exact tells that the guard lets exactly those messages through to OPA in which the rule finds something.
	Exact bool `json:"exact"`
	// Always tells that OPA is asked about every message.
	Always bool `json:"always"`
	// Findings tells that what the rule finds is made without OPA.
	Findings bool `json:"findings"`
	// Reasons say what could not be compiled, with the line in the policy, in its order.
	Reasons []string `json:"reasons"`
}

// Rules compiles the sets that refs name, one for each rule. names are for the reports. The program is prepared.
func Rules(p Policies, names []string, refs []ast.Ref) (*guard.Program, []Report, error) {
	c := &compiler{Policies: p, b: newBuilder(), memos: map[string]memo{}, tried: map[string]operand{}, totals: map[string]numbered{}, way: newWay(), from: map[int32]int32{}}
	reports := make([]Report, len(refs))
	for i, ref := range refs {
		c.cuts, c.guesses, c.reasons = 0, 0, nil
		c.room = len(c.b.p.Nodes) + maxNodes
		root := c.rule(ref)
		exact, head := c.cuts == 0 && c.guesses == 0, int32(0)
		if exact {
			c.room = len(c.b.p.Nodes) + maxNodes
			head = c.findings(ref)
		}
		c.b.p.Rules = append(c.b.p.Rules, guard.Rule{Name: names[i], Root: root, Head: head})
		reports[i] = Report{
			Rule: names[i], Exact: exact, Always: root == yes || c.b.p.Nodes[root].Op == guard.Give, Findings: head != 0, Reasons: c.reasons,
		}
		if reports[i].Reasons == nil {
			reports[i].Reasons = []string{}
		}
	}
	prune(c.b.p)
	return c.b.p, reports, c.b.p.Prepare()
}

// maxNodes bounds the nodes of one rule; maxDepth how deep calls are put in.
const (
	maxNodes = 4000
	maxDepth = 60
)

type compiler struct {
	Policies
	b      *builder
	memos  map[string]memo
	tried  map[string]operand  // what collection has found of sets that are rules
	totals map[string]numbered // likewise of rules that are numbers
	from   map[int32]int32     // the nodes that registers hold the values of, see made
	way

	// cuts counts what ended a conjunction, guesses what was taken to be true.
	cuts, guesses int
	reasons       []string
	making        bool // the findings themselves are compiled: each solution counts, and how a number is written
	quiet         int  // reasons are not noted: what cannot be compiled is tried only
	ordered       int  // the elements of sets are to come in their order
	counting      int  // solutions are counted, so that none may come twice
	mixed         int  // how often the elements of what is not in OPA's order were gone through
	forks         int  // how many literals before this one can hold in more than one way
	last          int  // what is compiled stands for itself, and is small
	depth         int
	room          int // nodes up to which the rule may go
}

// memo is a condition without variables that several rules share.
type memo struct {
	at            int32 // node
	cuts, guesses int
	reasons       []string
}

// then continues a conjunction.
type then func(*env) int32

// with continues a conjunction with an operand. The variables of the term that led to it have values now.
type with func(operand, *env) int32

// cut ends a conjunction: what is not compiled could be an error.
func (c *compiler) cut(loc *ast.Location, format string, args ...any) int32 {
	c.cuts++
	c.note(loc, format, args...)
	return yes
}

// guess notes that a literal counts as true.
func (c *compiler) guess(loc *ast.Location, format string, args ...any) {
	c.guesses++
	c.note(loc, format, args...)
}

func (c *compiler) note(loc *ast.Location, format string, args ...any) {
	if c.quiet > 0 {
		return
	}
	reason := fmt.Sprintf(format, args...)
	if loc != nil {
		reason = fmt.Sprintf("%s:%d: %s", loc.File, loc.Row, reason)
	}
	if !slices.Contains(c.reasons, reason) {
		c.reasons = append(c.reasons, reason)
	}
}

// whole compiles a condition that stands for itself. exact is false if it is not certain in both directions, safe if OPA cannot
// have an error in it.
func (c *compiler) whole(f func() int32) (at int32, exact, safe bool) {
	cuts, guesses := c.cuts, c.guesses
	at = f()
	return at, c.cuts == cuts && c.guesses == guesses, c.cuts == cuts
}

// rule compiles a set of findings: that it is not empty.
func (c *compiler) rule(ref ast.Ref) int32 {
	var all []int32
	for _, r := range c.Compiler.GetRulesExact(ref) {
		if r.Head.RuleKind() != ast.MultiValue || len(r.Head.Args) > 0 {
			return c.cut(r.Location, "not a set")
		}
		all = append(all, c.body(c.tests(r), 0, nil, func(*env) int32 { return yes }))
	}
	return c.b.any(all...)
}

// tests is the body of a rule less what only makes the finding. That it counts as true costs nothing: a finding that cannot be
// made, or not without an error, is for OPA to say.
func (c *compiler) tests(r *ast.Rule) ast.Body {
	body := slices.Clone(r.Body)
	for i := len(body) - 1; i >= 0; i-- {
		if v, ok := c.result(body[i]); ok && !used(v, body[:i]) && !used(v, body[i+1:]) && !ofRule(body, i) {
			body = slices.Delete(body, i, i+1)
		}
	}
	return body
}

// ofRule tells that a literal takes the value of a rule, which can be undefined, and that none before it does.
func ofRule(body ast.Body, i int) bool {
	value := func(x *ast.Expr) *ast.Term {
		if t, ok := x.Terms.([]*ast.Term); ok && x.IsEquality() && !x.Negated {
			return t[2]
		}
		return nil
	}
	of := value(body[i])
	if of == nil {
		return false
	}
	r, ok := of.Value.(ast.Ref)
	return ok && r.HasPrefix(ast.DefaultRootRef) && !slices.ContainsFunc(body[:i], func(x *ast.Expr) bool {
		t := value(x)
		return t != nil && t.Equal(of)
	})
}

// result gives the variable that a literal gives a value to, if that is all it does.
func (c *compiler) result(x *ast.Expr) (v ast.Var, ok bool) {
	t, isCall := x.Terms.([]*ast.Term)
	if x.Negated || !isCall || len(x.With) > 0 {
		return v, false
	}
	if x.IsEquality() {
		if r, isRef := t[2].Value.(ast.Ref); isRef && slices.ContainsFunc(r[1:], func(t *ast.Term) bool { return !named(t) }) {
			return v, false // a look-up, which is a test as well
		}
		v, ok = t[1].Value.(ast.Var)
	} else if len(t)-1 == c.arity(x.Operator())+1 {
		v, ok = t[len(t)-1].Value.(ast.Var)
	}
	return v, ok && v.IsGenerated()
}

// named tells that a key is a name, not one that is looked up or a place in a list.
func named(t *ast.Term) bool {
	_, ok := t.Value.(ast.String)
	return ok
}

// arity is the number of a function's operands, without its result.
func (c *compiler) arity(name ast.Ref) int {
	if name.HasPrefix(ast.DefaultRootRef) {
		for _, r := range c.Compiler.GetRulesExact(name) {
			return len(r.Head.Args)
		}
	} else if b := ast.BuiltinMap[name.String()]; b != nil {
		return len(b.Decl.FuncArgs().Args)
	}
	return 1 << 20
}

// used tells that a variable stands in a body.
func used(v ast.Var, body ast.Body) bool {
	found := false
	ast.WalkVars(body, func(w ast.Var) bool {
		found = found || v == w
		return found
	})
	return found
}

// body compiles the literals of a body from i on.
func (c *compiler) body(body ast.Body, i int, e *env, next then) int32 {
	if i == len(body) {
		return next(e)
	}
	return c.literal(body[i], e, func(e *env) int32 { return c.body(body, i+1, e, next) })
}

func (c *compiler) literal(x *ast.Expr, e *env, next then) int32 {
	if len(c.b.p.Nodes) > c.room || c.depth > maxDepth {
		return c.cut(x.Location, "too large to be compiled")
	}
	switch {
	case len(x.With) > 0:
		return c.cut(x.Location, "with is not compiled")
	case x.Negated:
		return c.negated(x, e, next)
	}
	switch t := x.Terms.(type) {
	case *ast.Term:
		return c.term(t, e, func(op operand, e *env) int32 { return c.holds(op, t.Location, func() int32 { return next(e) }) })
	case *ast.Every:
		return c.every(x, t, e, next)
	case []*ast.Term:
		return c.call(x, t, e, next)
	}
	return c.cut(x.Location, "not compiled")
}

// negated compiles what stands behind not as a whole.
func (c *compiler) negated(x *ast.Expr, e *env, next then) int32 {
	x = x.Complement()
	at, exact, safe := c.whole(func() int32 { return c.literal(x, e, func(*env) int32 { return yes }) })
	switch {
	case exact:
		return c.b.not(at, next(e))
	case safe:
		return next(e)
	}
	return yes
}

// every compiles that there is no element for which the body does not hold.
func (c *compiler) every(x *ast.Expr, t *ast.Every, e *env, next then) int32 {
	at, exact, safe := c.whole(func() int32 {
		return c.term(t.Domain, e, func(domain operand, e *env) int32 {
			return c.index(domain, free{"every key"}, x.Location, func(k, v operand) int32 {
				inner := e
				if t.Key != nil {
					inner = inner.with(t.Key.Value.(ast.Var), k)
				}
				inner = inner.with(t.Value.Value.(ast.Var), v)
				body, exact, _ := c.whole(func() int32 { return c.body(t.Body, 0, inner, func(*env) int32 { return yes }) })
				if !exact {
					return yes
				}
				return c.b.not(body, yes)
			})
		})
	})
	switch {
	case exact:
		return c.b.not(at, next(e))
	case safe:
		return next(e)
	}
	return yes
}

// holds compiles that an operand is not false.
func (c *compiler) holds(op operand, loc *ast.Location, next func() int32) int32 {
	switch op := op.(type) {
	case fixed:
		if op.v.Compare(ast.Boolean(false)) == 0 {
			return no
		}
		return next()
	case dynamic:
		if op.kind != isBool && op.kind != anything {
			return next()
		}
		return c.b.holds(op.node, next())
	case free:
		return c.cut(loc, "a variable without a value")
	case unknown:
		if op.kind != isBool && op.kind != anything {
			return next()
		}
		c.guess(loc, "a value that is not computed")
	}
	return next()
}

// term gives a term's operand, in each way in which the term is defined.
func (c *compiler) term(t *ast.Term, e *env, next with) int32 {
	switch v := t.Value.(type) {
	case ast.Var:
		return next(c.seen(e.get(v)), e)
	case ast.Ref:
		return c.ref(v, t.Location, e, next)
	case *ast.Array:
		if v.IsGround() && plain(v) {
			return next(fixed{v}, e)
		}
		return c.terms(terms(v), e, func(items []operand, e *env) int32 { return next(gathered(items), e) })
	case ast.Set:
		if v.IsGround() && plain(v) {
			return next(fixed{v}, e)
		}
		return c.terms(v.Slice(), e, func(items []operand, e *env) int32 {
			if all, ok := constants(items); ok {
				return next(fixed{ast.NewSet(all...)}, e)
			}
			return next(unknown{}, e) // a set of what is not known
		})
	case ast.Object:
		return c.object(v, t.Location, e, next)
	case *ast.ArrayComprehension:
		return c.comprehension(false, solution{v.Body, v.Term, e}, t.Location, e, next)
	case *ast.SetComprehension:
		return c.comprehension(true, solution{v.Body, v.Term, e}, t.Location, e, next)
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return next(fixed{v}, e)
	}
	return c.cut(t.Location, "%s is not compiled", ast.ValueName(t.Value))
}

func terms(a *ast.Array) []*ast.Term {
	var all []*ast.Term
	a.Foreach(func(t *ast.Term) { all = append(all, t) })
	return all
}

// plain tells that a value holds neither references nor comprehensions nor variables.
func plain(v ast.Value) bool {
	ok := true
	ast.WalkTerms(v, func(t *ast.Term) bool {
		switch t.Value.(type) {
		case ast.Ref, ast.Var, ast.Call, *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
			ok = false
		}
		return !ok
	})
	return ok
}

// terms gives the operands of some terms.
func (c *compiler) terms(all []*ast.Term, e *env, next func([]operand, *env) int32) int32 {
	var more func(done []operand, e *env) int32
	more = func(done []operand, e *env) int32 {
		if len(done) == len(all) {
			return next(done, e)
		}
		return c.term(all[len(done)], e, func(op operand, e *env) int32 { return more(append(slices.Clip(done), op), e) })
	}
	return more(nil, e)
}

// gathered makes a list of operands, a constant if all of them are.
func gathered(items []operand) operand {
	if all, ok := constants(items); ok {
		return fixed{ast.NewArray(all...)}
	}
	return several{items}
}

func constants(items []operand) ([]*ast.Term, bool) {
	all := make([]*ast.Term, len(items))
	for i, op := range items {
		f, ok := op.(fixed)
		if !ok {
			return nil, false
		}
		all[i] = ast.NewTerm(f.v)
	}
	return all, true
}

func (c *compiler) object(o ast.Object, loc *ast.Location, e *env, next with) int32 {
	if o.IsGround() && plain(o) {
		return next(fixed{o}, e)
	}
	var keys []string
	var values []*ast.Term
	ok := true
	o.Foreach(func(k, v *ast.Term) {
		s, isText := k.Value.(ast.String)
		ok = ok && isText
		keys, values = append(keys, string(s)), append(values, v)
	})
	if !ok {
		return c.cut(loc, "an object whose keys are no constant texts is not compiled")
	}
	return c.terms(values, e, func(items []operand, e *env) int32 {
		if all, ok := constants(items); ok {
			made := ast.NewObject()
			for i, k := range keys {
				made.Insert(ast.StringTerm(k), all[i])
			}
			return next(fixed{made}, e)
		}
		f := fields{map[string]operand{}}
		for i, k := range keys {
			f.of[k] = items[i]
		}
		return next(f, e)
	})
}

// comprehension is compiled where its elements are used. It is tried here, because OPA works it out here.
func (c *compiler) comprehension(set bool, s solution, loc *ast.Location, e *env, next with) int32 {
	return c.collection(solutions{set: set, each: []solution{s}}, loc, func(op operand) int32 { return next(op, e) })
}

// collection goes on with what is safe to work out, ends the conjunction otherwise. What does not depend on the message is
// worked out here.
func (c *compiler) collection(s solutions, loc *ast.Location, next func(operand) int32) int32 {
	key := fmt.Sprint(c.making, s.rule)
	known := c.tried[key]
	if s.rule == "" {
		known = c.try(s)
	} else if known == nil {
		back := c.alone()
		known = c.try(s)
		back()
		c.tried[key] = known
	}
	if known == nil {
		return c.cut(loc, "a comprehension or set with something in it that is not compiled")
	}
	return next(known)
}

// try gives the operand for a comprehension or set, nil if it is not safe to work out.
func (c *compiler) try(s solutions) operand {
	cuts, guesses, reasons := c.cuts, c.guesses, len(c.reasons)
	found := map[int32]operand{}
	at := c.solve(s, func(op operand) int32 {
		mark := c.b.node(guard.Node{Op: guard.Give, A: int32(len(found) + 1)})
		found[mark] = op
		return mark
	})
	safe := c.cuts == cuts
	c.cuts, c.guesses = cuts, guesses
	if !safe {
		return nil
	}
	c.reasons = c.reasons[:reasons]
	if all, ok := c.certain(at, found); ok {
		if s.set {
			return fixed{ast.NewSet(all...)}
		}
		return fixed{ast.NewArray(all...)}
	}
	return s
}

// certain gives the solutions if each is a constant and none hangs on a condition.
func (c *compiler) certain(at int32, found map[int32]operand) ([]*ast.Term, bool) {
	if at == no {
		return nil, true
	}
	if op, ok := found[at]; ok {
		f, ok := op.(fixed)
		return []*ast.Term{ast.NewTerm(f.v)}, ok
	}
	n := c.b.p.Nodes[at]
	if n.Op != guard.Any {
		return nil, false
	}
	var all []*ast.Term
	for _, a := range c.b.p.Args[n.A : n.A+n.B] {
		some, ok := c.certain(a, found)
		if !ok {
			return nil, false
		}
		all = append(all, some...)
	}
	return all, true
}

// solve compiles each solution in turn.
func (c *compiler) solve(s solutions, next func(operand) int32) int32 {
	var all []int32
	c.depth++
	c.forks++
	for _, one := range s.each {
		all = append(all, c.body(one.body, 0, one.env, func(e *env) int32 {
			return c.term(one.term, e, func(op operand, _ *env) int32 { return next(op) })
		}))
	}
	c.depth--
	c.forks--
	return c.b.any(all...)
}
