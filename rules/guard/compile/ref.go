package compile

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// ref gives what a reference leads to, in each way in which it leads somewhere.
func (c *compiler) ref(r ast.Ref, loc *ast.Location, e *env, next with) int32 {
	head, ok := r[0].Value.(ast.Var)
	switch {
	case !ok:
		return c.cut(loc, "a reference into %s is not compiled", ast.ValueName(r[0].Value))
	case head.Equal(ast.InputRootDocument.Value):
		return c.path(group{0, guard.Root, ""}, r[1:], loc, e, next)
	case head.Equal(ast.DefaultRootDocument.Value):
		return c.data(r, loc, e, next)
	}
	return c.path(e.get(head), r[1:], loc, e, next)
}

// data follows a reference into data: to a rule, or else to what the policies state.
func (c *compiler) data(r ast.Ref, loc *ast.Location, e *env, next with) int32 {
	ground := r.ConstantPrefix()
	for n := 2; n <= len(ground); n++ {
		if rules := c.Compiler.GetRulesExact(r[:n]); len(rules) > 0 {
			if node := c.Compiler.RuleTree.Find(r[:n]); node == nil || len(node.Children) > 0 {
				return c.cut(loc, "%s is not one rule", r[:n])
			}
			return c.value(r[:n], rules, loc, func(op operand) int32 { return c.path(op, r[n:], loc, e, next) })
		}
	}
	if node := c.Compiler.RuleTree.Find(ground); node != nil {
		return c.cut(loc, "%s is not one rule", r)
	}
	v, err := c.Data.Find(ground[1:])
	if err != nil {
		return no
	}
	return c.path(fixed{v}, r[len(ground):], loc, e, next)
}

// path follows the rest of a reference.
func (c *compiler) path(op operand, rest ast.Ref, loc *ast.Location, e *env, next with) int32 {
	if len(rest) == 0 {
		return next(op, e)
	}
	return c.term(rest[0], e, func(key operand, e *env) int32 {
		return c.index(op, key, loc, func(k, v operand) int32 {
			inner := e
			if f, ok := key.(free); ok {
				inner = e.with(f.name, k)
			}
			return c.path(v, rest[1:], loc, inner, next)
		})
	})
}

// Lists of constants whose elements are compiled one by one: short ones, and longer ones where nothing follows that would be
// compiled as many times.
const (
	maxUnrolled = 4
	maxUnfolded = 20
)

// index gives what an operand holds under a key, and for a free key each key with what is there.
func (c *compiler) index(op, key operand, loc *ast.Location, next func(k, v operand) int32) int32 {
	_, all := key.(free)
	switch o := op.(type) {
	case fixed:
		return c.indexFixed(o, key, loc, next)
	case group:
		name, ok := textOf(key)
		if !ok {
			return c.cut(loc, "a field whose name is not known is not compiled")
		}
		if o.path != "" {
			name = o.path + "." + name
		}
		field, ok := c.ofField(o.reg, o.rec, name)
		if !ok {
			return no
		}
		return next(key, field)
	case dynamic:
		return c.indexDynamic(o, key, loc, next)
	case several:
		if n, ok := intOf(key); ok {
			if n < 0 || n >= int64(len(o.items)) {
				return no
			}
			return next(key, o.items[n])
		}
		if !all {
			return c.cut(loc, "an index that is not known is not compiled")
		}
		var ways []int32
		c.forks++
		for i, item := range o.items {
			ways = append(ways, next(fixed{ast.InternedTerm(i).Value}, item))
		}
		c.forks--
		return c.b.any(ways...)
	case fields:
		if name, ok := textOf(key); ok {
			if v, ok := o.of[name]; ok {
				return next(key, v)
			}
			return no
		}
	case matches:
		if n, ok := intOf(key); ok && n == 0 {
			return c.b.holds(c.b.call(guard.Matches, o.text, o.pattern), next(key, match{o}))
		}
	case match:
		if n, ok := intOf(key); ok && n >= 0 && n <= int64(o.groups) {
			group, _ := c.node(key)
			return c.made(c.b.call(guard.Submatch, o.text, group, o.pattern), shape{kind: isText}, func(op operand) int32 { return next(key, op) })
		}
	case solutions:
		return c.indexSolutions(o, key, loc, next)
	case both:
		if !all {
			break
		}
		return c.elements(o, loc, func(v operand) int32 {
			if o.set {
				return next(v, v)
			}
			return next(unknown{shape{kind: isInt, least: true}}, v)
		})
	case unknown:
		c.guess(loc, "a value that is not computed")
		return next(unknown{}, unknown{})
	}
	return c.cut(loc, "a reference into a value of this kind is not compiled")
}

func textOf(op operand) (string, bool) {
	f, ok := op.(fixed)
	if !ok {
		return "", false
	}
	s, ok := f.v.(ast.String)
	return string(s), ok
}

func intOf(op operand) (int64, bool) {
	f, ok := op.(fixed)
	if !ok {
		return 0, false
	}
	n, ok := f.v.(ast.Number)
	if !ok {
		return 0, false
	}
	return integer(n)
}

// indexFixed follows a key into a constant.
func (c *compiler) indexFixed(o fixed, key operand, loc *ast.Location, next func(k, v operand) int32) int32 {
	switch k := key.(type) {
	case fixed:
		v, err := o.v.Find(ast.Ref{ast.NewTerm(k.v)})
		if err != nil {
			return no
		}
		return next(key, fixed{v})
	case free:
		keys, values, ok := entries(o.v)
		if !ok {
			return no // no collection
		}
		if len(values) > 1 {
			c.forks++
			defer func() { c.forks-- }()
		}
		if len(values) <= maxUnrolled || c.last > 0 && len(values) <= maxUnfolded {
			var ways []int32
			for i := range values {
				ways = append(ways, next(fixed{keys[i]}, fixed{values[i]}))
			}
			return c.b.any(ways...)
		}
		node, ok := c.constant(o.v)
		if !ok {
			break
		}
		var keyShapes, shapes []shape
		for i := range values {
			keyShapes, shapes = append(keyShapes, shapeOfValue(keys[i])), append(shapes, shapeOfValue(values[i]))
		}
		reg, keyReg := c.b.register(), c.b.register()
		return c.b.each(reg, node, next(dynamic{c.b.load(keyReg), *join(keyShapes)}, dynamic{c.b.load(reg), *join(shapes)}), keyReg)
	case dynamic:
		node, ok := c.constant(o.v)
		if !ok {
			break
		}
		reg := c.b.register()
		load := c.b.load(reg)
		switch v := o.v.(type) {
		case ast.Object:
			if !k.text() {
				break
			}
			found := c.b.node(guard.Node{Op: guard.Lookup, A: k.node, B: node})
			return c.b.let(reg, found, next(key, dynamic{load, *shapeOfValue(v).elem}))
		case ast.Set:
			member := c.b.call(guard.Member, k.node, node)
			if !k.scalar() {
				break
			}
			return c.b.holds(member, next(key, key))
		case *ast.Array:
			if k.kind != isInt {
				break
			}
			item := c.b.node(guard.Node{Op: guard.Item, A: node, B: k.node})
			return c.b.let(reg, item, next(key, dynamic{load, *shapeOfValue(v).elem}))
		}
	case unknown:
		c.guess(loc, "a key that is not computed")
		return next(key, unknown{})
	}
	return c.cut(loc, "a key of this kind is not compiled")
}

func entries(v ast.Value) (keys, values []ast.Value, ok bool) {
	switch v := v.(type) {
	case *ast.Array:
		i := 0
		v.Foreach(func(t *ast.Term) {
			keys, values = append(keys, ast.InternedTerm(i).Value), append(values, t.Value)
			i++
		})
	case ast.Set:
		v.Foreach(func(t *ast.Term) { keys, values = append(keys, t.Value), append(values, t.Value) })
	case ast.Object:
		v.Foreach(func(k, t *ast.Term) { keys, values = append(keys, k.Value), append(values, t.Value) })
	default:
		return nil, nil, false
	}
	return keys, values, true
}

// indexDynamic follows a key into a record that can be null, or into a list.
func (c *compiler) indexDynamic(o dynamic, key operand, loc *ast.Location, next func(k, v operand) int32) int32 {
	if reg, ok := c.opened[o.node]; ok {
		return c.index(group{reg, o.rec, ""}, key, loc, next)
	}
	reg := c.b.register()
	switch {
	case o.kind == isRecord && o.null:
		null, _ := c.b.value(ast.NullValue)
		c.opened[o.node] = reg
		inner := c.index(group{reg, o.rec, ""}, key, loc, next)
		delete(c.opened, o.node)
		return c.b.let(reg, o.node, c.b.compare(c.b.load(reg), null, guard.NotEqual, inner))
	case o.scalar():
		return no // undefined, whatever the key
	case o.kind == isObject:
		if node, ok := c.node(key); ok && shapeOf(key).text() {
			found := c.b.node(guard.Node{Op: guard.Lookup, A: node, B: o.node})
			return c.b.let(reg, found, next(key, c.item(reg, o.elem)))
		}
	case o.kind != isList || o.null:
		return c.cut(loc, "a reference into a value of this kind is not compiled")
	}
	item := c.item(reg, o.elem)
	switch k := key.(type) {
	case free:
		c.forks++
		defer func() { c.forks-- }()
		keyReg := c.b.register()
		return c.b.each(reg, o.node, next(dynamic{c.b.load(keyReg), shape{kind: isInt, least: true}}, item), keyReg)
	case fixed, dynamic:
		s := shapeOf(key)
		if s.kind != isInt || s.null {
			if s.scalar() && s.kind != isNumber && !s.null {
				return no
			}
			return c.cut(loc, "an index of this kind is not compiled")
		}
		node, ok := c.node(k)
		if !ok {
			return c.cut(loc, "an index of this kind is not compiled")
		}
		return c.b.let(reg, c.b.node(guard.Node{Op: guard.Item, A: o.node, B: node}), next(key, item))
	case unknown:
		c.guess(loc, "an index that is not computed")
		return next(key, unknown{*o.elem})
	}
	return c.cut(loc, "an index of this kind is not compiled")
}

// item is the operand for an element of a list that is in a register.
func (c *compiler) item(reg int32, elem *shape) operand {
	if elem == nil {
		elem = &shape{}
	}
	if elem.kind == isRecord && !elem.null {
		return group{reg, elem.rec, ""}
	}
	return dynamic{c.b.load(reg), *elem}
}

func (c *compiler) indexSolutions(o solutions, key operand, loc *ast.Location, next func(k, v operand) int32) int32 {
	if _, all := key.(free); all {
		return c.elements(o, loc, func(v operand) int32 {
			if o.set {
				return next(v, v)
			}
			return next(unknown{shape{kind: isInt, least: true}}, v)
		})
	}
	if !o.set {
		return c.cut(loc, "an index into a comprehension is not compiled")
	}
	return c.when(func() int32 { return c.among(o, key, loc) }, func() int32 { return next(key, key) })
}

// when compiles a condition that binds nothing.
func (c *compiler) when(cond func() int32, next func() int32) int32 {
	at, exact, safe := c.whole(cond)
	switch {
	case exact:
		return c.b.when(at, next())
	case safe:
		return next()
	}
	return yes
}

// elements gives each element of a collection.
func (c *compiler) elements(op operand, loc *ast.Location, next func(operand) int32) int32 {
	if at, ok := c.inOrder(op, loc); ok {
		reg := c.b.register()
		c.forks++
		defer func() { c.forks-- }()
		return c.b.each(reg, at, next(dynamic{c.b.load(reg), shape{kind: isText}}), -1)
	}
	if b, ok := op.(both); ok && b.sorted {
		c.mixed++
	} else if _, set := kindOfCollection(op); set {
		c.mixed++
	}
	switch o := op.(type) {
	case solutions:
		if c.counting == 0 || !o.set {
			return c.solve(o, next)
		}
		// Each element once.
		set := c.b.p.Sets
		c.b.p.Sets++
		at := c.solve(o, func(v operand) int32 {
			node, ok := c.node(v)
			if !ok || !shapeOf(v).scalar() {
				return c.cut(loc, "what is counted is not compiled")
			}
			reg := c.b.register()
			once := c.b.node(guard.Node{Op: guard.Once, A: set, B: c.b.load(reg), C: next(dynamic{c.b.load(reg), shapeOf(v)})})
			return c.b.let(reg, node, once)
		})
		return c.b.node(guard.Node{Op: guard.Reset, A: set, C: at})
	case both:
		if o.intersect {
			return c.elements(o.a, loc, func(v operand) int32 {
				return c.when(func() int32 { return c.among(o.b, v, loc) }, func() int32 { return next(v) })
			})
		}
		if c.counting > 0 && o.set {
			return c.cut(loc, "a count of a union is not compiled")
		}
		return c.b.any(c.elements(o.a, loc, next), c.elements(o.b, loc, next))
	}
	return c.index(op, free{"element"}, loc, func(_, v operand) int32 { return next(v) })
}

// inOrder gives the node of the texts of a set in their order, if that is asked for and all its elements are texts.
func (c *compiler) inOrder(op operand, loc *ast.Location) (at int32, ok bool) {
	if b, is := op.(both); is && b.sorted {
		op = b.a
	}
	if s, is := op.(solutions); c.ordered == 0 || !is || !s.set {
		return 0, false
	}
	texts := true
	ordered, counting, mixed := c.ordered, c.counting, c.mixed
	c.ordered, c.counting = 0, 0
	defer func() { c.ordered, c.counting, c.mixed = ordered, counting, mixed }()
	c.look(op, loc, func(s shape) { texts = texts && s.text() })
	if !texts {
		return 0, false
	}
	list := c.b.p.Lists
	c.b.p.Lists++
	at, ok = c.collect(list, op, loc)
	return c.b.node(guard.Node{Op: guard.Gather, A: list, B: at}), ok
}

// among compiles that a value is an element of a collection.
func (c *compiler) among(in, v operand, loc *ast.Location) int32 {
	return c.elements(in, loc, func(item operand) int32 {
		return c.compare(item, v, guard.Equal, loc, func() int32 { return yes })
	})
}
