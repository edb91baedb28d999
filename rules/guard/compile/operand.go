package compile

import (
	"math/big"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/guard"
)

// shape is what is known of a value before there is a message.
type shape struct {
	kind  kind
	null  bool   // or null
	least bool   // a number that is never negative
	rec   string // of record and of a list of records
	elem  *shape // of list
}

type kind uint8

const (
	anything kind = iota
	isBool
	isInt
	isNumber
	isText
	isList
	isRecord
	isSet
	isObject
)

func (s shape) scalar() bool { return s.kind >= isBool && s.kind <= isText }

// number tells that a value is a number for certain.
func (s shape) number() bool { return (s.kind == isInt || s.kind == isNumber) && !s.null }
func (s shape) text() bool   { return s.kind == isText && !s.null }

// operand is a value as it is known before there is a message.
type operand interface{}

type (
	// fixed is a constant.
	fixed struct{ v ast.Value }
	// free is a variable that nothing has given a value yet.
	free struct{ name ast.Var }
	// dynamic is computed by a node. It is defined.
	dynamic struct {
		node int32
		shape
	}
	// group is a record in a register, or a record within that: path leads to it.
	group struct {
		reg  int32
		rec  string
		path string
	}
	// several is a list whose elements are known one by one.
	several struct{ items []operand }
	// fields is an object whose keys are texts.
	fields struct{ of map[string]operand }
	// solutions is a comprehension, or a rule that is a set.
	solutions struct {
		set  bool
		each []solution
		rule string // that it is, if it is one
	}
	// both is the elements of two collections: of either, or those of a that are in b as well.
	both struct {
		a, b      operand
		intersect bool
		set       bool
		sorted    bool // a, which b adds nothing to, in order
	}
	// size is the number of elements of a collection that is not kept anywhere.
	size struct{ of operand }
	// matches is the list of the first match of a pattern in a text, or an empty one; match is that match, as a list of its groups.
	matches struct {
		text, pattern int32
		groups        int
	}
	match struct{ matches }
	// unknown is a value of which nothing is known but, perhaps, its shape. It is defined.
	unknown struct{ shape }
)

// solution is a term for each way to fulfil a body.
type solution struct {
	body ast.Body
	term *ast.Term
	env  *env
}

// env holds what variables stand for. It is never changed, only added to.
type env struct {
	up   *env
	name ast.Var
	op   operand
}

func (e *env) get(v ast.Var) operand {
	for ; e != nil; e = e.up {
		if e.name == v {
			return e.op
		}
	}
	return free{v}
}

func (e *env) with(v ast.Var, op operand) *env { return &env{up: e, name: v, op: op} }

// shapeOf tells what is known of an operand.
func shapeOf(op operand) shape {
	switch op := op.(type) {
	case fixed:
		return shapeOfValue(op.v)
	case dynamic:
		return op.shape
	case group:
		return shape{kind: isRecord, rec: op.rec}
	case size:
		return shape{kind: isInt, least: true}
	case unknown:
		return op.shape
	}
	return shape{}
}

func shapeOfValue(v ast.Value) shape {
	switch v := v.(type) {
	case ast.Boolean:
		return shape{kind: isBool}
	case ast.String:
		return shape{kind: isText}
	case ast.Number:
		if n, ok := integer(v); ok {
			return shape{kind: isInt, least: n >= 0}
		}
		return shape{kind: isNumber}
	case *ast.Array:
		var items []shape
		v.Foreach(func(t *ast.Term) { items = append(items, shapeOfValue(t.Value)) })
		return shape{kind: isList, elem: join(items)}
	case ast.Set:
		var items []shape
		v.Foreach(func(t *ast.Term) { items = append(items, shapeOfValue(t.Value)) })
		return shape{kind: isSet, elem: join(items)}
	case ast.Object:
		var items []shape
		v.Foreach(func(_, t *ast.Term) { items = append(items, shapeOfValue(t.Value)) })
		return shape{kind: isObject, elem: join(items)}
	}
	return shape{}
}

// join is what is known of a value that is one of some.
func join(all []shape) *shape {
	if len(all) == 0 {
		return &shape{}
	}
	s := all[0]
	for _, o := range all[1:] {
		if s.kind == isInt && o.kind == isNumber || s.kind == isNumber && o.kind == isInt {
			s.kind, o.kind = isNumber, isNumber
		}
		if s.kind != o.kind || s.rec != o.rec {
			return &shape{}
		}
		s.null, s.least = s.null || o.null, s.least && o.least
		switch {
		case s.elem != nil && o.elem != nil:
			s.elem = join([]shape{*s.elem, *o.elem})
		default:
			s.elem = nil
		}
	}
	return &s
}

// integer gives a number as an int64 if it is one, however it is written.
func integer(n ast.Number) (int64, bool) {
	if i, ok := n.Int64(); ok {
		return i, true
	}
	text := string(n)
	if len(text) > 40 || strings.ContainsAny(text, "xX") {
		return 0, false
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// ofField is the operand for a field of a record in a register.
func (c *compiler) ofField(reg int32, record, path string) (operand, bool) {
	what, inner, ok := guard.FieldOf(record, path)
	if !ok {
		return nil, false
	}
	if what == guard.Group {
		return group{reg, record, path}, true
	}
	var s shape
	switch what {
	case guard.Bool:
		s.kind = isBool
	case guard.Int:
		s.kind = isInt
	case guard.Text:
		s.kind = isText
	case guard.IntOrNull:
		s.kind, s.null = isInt, true
	case guard.RecordOrNull:
		s.kind, s.null, s.rec = isRecord, true, inner
	case guard.Texts:
		s.kind, s.elem = isList, &shape{kind: isText}
	case guard.Records:
		s.kind, s.elem = isList, &shape{kind: isRecord, rec: inner}
	}
	return c.seen(dynamic{c.b.get(reg, record, path), s}), true
}
