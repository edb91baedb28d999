package compile

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// builder writes the nodes of a program. Nodes that are alike become one.
type builder struct {
	p      *guard.Program
	nodes  map[guard.Node]int32
	fields map[guard.Field]int32
	consts map[string]int32
}

// The two conditions that every program begins with.
const (
	yes int32 = iota
	no
)

func newBuilder() *builder {
	b := &builder{p: &guard.Program{Version: guard.Version, Registers: 1}, nodes: map[guard.Node]int32{}, fields: map[guard.Field]int32{}, consts: map[string]int32{}}
	b.node(guard.Node{Op: guard.True})
	b.node(guard.Node{Op: guard.False})
	return b
}

func (b *builder) node(n guard.Node) int32 {
	if at, ok := b.nodes[n]; ok {
		return at
	}
	at := int32(len(b.p.Nodes))
	b.p.Nodes = append(b.p.Nodes, n)
	b.nodes[n] = at
	return at
}

func (b *builder) args(list ...int32) int32 {
	at := int32(len(b.p.Args))
	b.p.Args = append(b.p.Args, list...)
	return at
}

func (b *builder) register() int32 {
	b.p.Registers++
	return b.p.Registers - 1
}

func (b *builder) get(reg int32, record, path string) int32 {
	f := guard.Field{Record: record, Path: path}
	at, ok := b.fields[f]
	if !ok {
		at = int32(len(b.p.Fields))
		b.p.Fields = append(b.p.Fields, f)
		b.fields[f] = at
	}
	return b.node(guard.Node{Op: guard.Get, A: reg, B: at})
}

func (b *builder) load(reg int32) int32 { return b.node(guard.Node{Op: guard.Load, A: reg}) }

// value gives the node of a constant, false for one that guards have no form for.
func (b *builder) value(v ast.Value) (int32, bool) {
	at, ok := b.constant(v)
	if !ok {
		return 0, false
	}
	return b.node(guard.Node{Op: guard.Value, A: at}), true
}

func (b *builder) constant(v ast.Value) (int32, bool) {
	key := ast.ValueName(v) + " " + v.String()
	if at, ok := b.consts[key]; ok {
		return at, true
	}
	var c guard.Const
	ok := true
	item := func(t *ast.Term) {
		at, good := b.constant(t.Value)
		ok = ok && good
		c.Items = append(c.Items, at)
	}
	switch v := v.(type) {
	case ast.Null:
		c.Kind = guard.ConstNull
	case ast.Boolean:
		if c.Kind = guard.ConstBool; v {
			c.Int = 1
		}
	case ast.Number:
		if n, whole := integer(v); whole {
			c.Kind, c.Int = guard.ConstInt, n
		} else if f, good := v.Float64(); good {
			c.Kind, c.Float, c.Text = guard.ConstFloat, f, string(v)
		} else {
			ok = false
		}
	case ast.String:
		c.Kind, c.Text = guard.ConstText, string(v)
	case *ast.Array:
		c.Kind = guard.ConstArray
		v.Foreach(item)
	case ast.Set:
		c.Kind = guard.ConstSet
		v.Foreach(item)
	case ast.Object:
		c.Kind = guard.ConstObject
		v.Foreach(func(k, t *ast.Term) {
			s, isText := k.Value.(ast.String)
			ok = ok && isText
			c.Keys = append(c.Keys, string(s))
			item(t)
		})
	default:
		ok = false
	}
	if !ok {
		return 0, false
	}
	return b.add(key, c), true
}

func (b *builder) add(key string, c guard.Const) int32 {
	at := int32(len(b.p.Consts))
	b.p.Consts = append(b.p.Consts, c)
	b.consts[key] = at
	return at
}

// pattern gives the node of a regular expression.
func (b *builder) pattern(s string) int32 {
	key := "pattern " + s
	at, ok := b.consts[key]
	if !ok {
		at = b.add(key, guard.Const{Kind: guard.ConstPattern, Text: s})
	}
	return b.node(guard.Node{Op: guard.Value, A: at})
}

// Conditions. next is the one that has to hold besides.

func (b *builder) let(reg, expr, next int32) int32 {
	if next == no {
		return no
	}
	return b.node(guard.Node{Op: guard.Let, A: reg, B: expr, C: next})
}

func (b *builder) not(cond, next int32) int32 {
	switch {
	case next == no || cond == yes:
		return no
	case cond == no:
		return next
	}
	if n := b.p.Nodes[cond]; n.Op == guard.FieldTrue && n.C == yes {
		return b.node(guard.Node{Op: guard.FieldTrue, A: n.A, B: n.B, C: next, D: 1 - n.D})
	}
	return b.node(guard.Node{Op: guard.Not, A: cond, C: next})
}

func (b *builder) when(cond, next int32) int32 {
	switch {
	case next == no || cond == no:
		return no
	case cond == yes:
		return next
	case next == yes:
		return cond
	}
	return b.node(guard.Node{Op: guard.If, A: cond, C: next})
}

func (b *builder) any(all ...int32) int32 {
	var kept []int32
	for _, at := range all {
		if at == yes {
			return yes
		}
		if n := b.p.Nodes[at]; n.Op == guard.Any {
			kept = append(kept, b.p.Args[n.A:n.A+n.B]...)
		} else if at != no {
			kept = append(kept, at)
		}
	}
	switch kept = b.endings(kept); len(kept) {
	case 0:
		return no
	case 1:
		return kept[0]
	}
	return b.node(guard.Node{Op: guard.Any, A: b.args(kept...), B: int32(len(kept))})
}

// endings makes one condition of those that ask for several endings of one text.
func (b *builder) endings(all []int32) []int32 {
	kept := all[:0:0]
	texts, place := map[int32][]*ast.Term{}, map[int32]int{}
	for _, at := range all {
		n := b.p.Nodes[at]
		of, ending, ok := b.ending(n)
		if !ok {
			kept = append(kept, at)
			continue
		}
		if texts[of] = append(texts[of], ast.StringTerm(ending)); len(texts[of]) == 1 {
			place[of] = len(kept)
			kept = append(kept, at)
			continue
		}
		list, _ := b.value(ast.NewArray(texts[of]...))
		kept[place[of]] = b.holds(b.call(guard.EndsWithAny, of, list), yes)
	}
	return kept
}

// ending gives the text whose ending a condition asks for, and nothing else.
func (b *builder) ending(n guard.Node) (of int32, ending string, ok bool) {
	if n.Op != guard.Holds || n.C != yes || b.p.Nodes[n.A].Op != guard.Call || b.p.Nodes[n.A].A != guard.EndsWith {
		return 0, "", false
	}
	args := b.p.Args[b.p.Nodes[n.A].B:]
	if last := b.p.Nodes[args[1]]; last.Op == guard.Value && b.p.Consts[last.A].Kind == guard.ConstText {
		return args[0], b.p.Consts[last.A].Text, true
	}
	return 0, "", false
}

func (b *builder) each(reg, list, next, key int32) int32 {
	if next == no {
		return no
	}
	return b.node(guard.Node{Op: guard.Each, A: reg, B: list, C: next, D: key})
}

// holds is that an expression is defined and not false.
func (b *builder) holds(expr, next int32) int32 {
	if next == no {
		return no
	}
	if n := b.p.Nodes[expr]; n.Op == guard.Get {
		if what, _, _ := guard.FieldOf(b.p.Fields[n.B].Record, b.p.Fields[n.B].Path); what == guard.Bool {
			return b.node(guard.Node{Op: guard.FieldTrue, A: n.A, B: n.B, C: next, D: 1})
		}
	}
	return b.node(guard.Node{Op: guard.Holds, A: expr, C: next})
}

// turned is what a comparison becomes when its sides change places.
var turned = [...]int32{
	guard.Equal: guard.Equal, guard.NotEqual: guard.NotEqual, guard.Less: guard.Greater, guard.LessEqual: guard.GreaterEqual,
	guard.Greater: guard.Less, guard.GreaterEqual: guard.LessEqual,
}

func (b *builder) compare(x, y, how, next int32) int32 {
	if next == no {
		return no
	}
	if b.p.Nodes[x].Op == guard.Value {
		x, y, how = y, x, turned[how]
	}
	if short, ok := b.short(x, y, how, next); ok {
		return short
	}
	return b.node(guard.Node{Op: guard.Compare, A: x, B: y, C: next, D: how})
}

// short gives a short form of a comparison if there is one.
func (b *builder) short(x, y, how, next int32) (int32, bool) {
	if b.p.Nodes[y].Op != guard.Value {
		return 0, false
	}
	at := b.p.Nodes[y].A
	c, n, op := &b.p.Consts[at], b.p.Nodes[x], guard.Compare
	counted := n.Op == guard.Call && n.A == guard.Count
	if counted {
		n = b.p.Nodes[b.p.Args[n.B]]
	}
	if n.Op != guard.Get {
		return 0, false
	}
	what, _, _ := guard.FieldOf(b.p.Fields[n.B].Record, b.p.Fields[n.B].Path)
	switch {
	case counted && (what == guard.Texts || what == guard.Records) && c.Kind == guard.ConstInt:
		op = guard.FieldCount
	case counted:
	case what == guard.Int && c.Kind == guard.ConstInt:
		op = guard.FieldInt
	case what == guard.Text && c.Kind == guard.ConstText && (how == guard.Equal || how == guard.NotEqual):
		op = guard.FieldText
	case what == guard.Bool && c.Kind == guard.ConstBool && (how == guard.Equal || how == guard.NotEqual):
		want := int32(c.Int)
		if how == guard.NotEqual {
			want = 1 - want
		}
		return b.node(guard.Node{Op: guard.FieldTrue, A: n.A, B: n.B, C: next, D: want}), true
	}
	if op == guard.Compare {
		return 0, false
	}
	return b.node(guard.Node{Op: op, A: n.A, B: n.B, C: next, D: b.args(at, how)}), true
}

func (b *builder) call(function int32, args ...int32) int32 {
	return b.node(guard.Node{Op: guard.Call, A: function, B: b.args(args...), C: int32(len(args))})
}
