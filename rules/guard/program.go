package guard

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"sync/atomic"
	"unsafe"
)

// Version is that of the encoding and meaning of programs. It grows with every change of either.
const Version = 3

// Program holds the conditions of rules. It is immutable once Prepare has succeeded, and can then be used by many goroutines.
type Program struct {
	Version int // Version, when it was made
	Rules   []Rule
	Nodes   []Node
	Args    []int32 // lists of nodes, for nodes with any number of operands
	Fields  []Field
	Consts  []Const
	Memos   []int32 // conditions that several rules share: each is worked out at most once a message

	Registers, Sets, Sums, Lists int32 // how many of each the nodes name

	access []access
	values []value
	made   []atomic.Pointer[made] // like Consts
}

// made is what is made of a constant when it is first needed: few of them are for any one message.
type made struct {
	table   map[string]value // what an object holds, or the texts in a set or long array
	pattern *regexp.Regexp   // nil for one that does not compile
}

// Rule is the condition of one rule and, where package compile could make them exactly as OPA does, its findings.
type Rule struct {
	Name string
	Root int32 // node
	Head int32 // node that makes the findings, 0 if only OPA can
}

// Field is a field of a record of facts. Record is the name of its Go type, Path the JSON names that lead to it without
// following a pointer.
type Field struct{ Record, Path string }

// ConstKind is the kind of a constant.
type ConstKind uint8

// Kinds of constants. Items of an object are in the order of its keys.
const (
	ConstNull ConstKind = iota
	ConstBool
	ConstInt
	ConstFloat
	ConstText
	ConstArray
	ConstSet
	ConstObject
	ConstPattern // a regular expression
)

// Const is a constant: a value that the policies or the configuration state.
type Const struct {
	Kind  ConstKind
	Int   int64 // also a truth value: 0 or 1
	Float float64
	Text  string  // of ConstFloat what it is exactly, "" where nobody has to know
	Items []int32 // constants
	Keys  []string
}

// Op is what a node does.
type Op uint8

// Conditions. Next is the condition that has to hold besides; that one alone decides where a node has several.
const (
	True    Op = iota
	False      // never
	Let        // register A = expression B, if that is defined; next C
	Each       // for some element of list B: register A = element, register D = index or key unless D < 0; next C
	Any        // one of the B conditions from Args[A]
	Not        // A does not hold; next C
	If         // A holds; next C
	Memo       // Memos[A] holds; next C
	Holds      // expression A is defined and not false; next C
	Compare    // A and B compare as D says; next C
	Once       // expression B has not been seen since Reset of set A; next C
	Reset      // forget what set A has seen; next C
	Add        // add expression B to sum A as D says; never holds, so that all solutions are added up
	One        // condition B fills register A by Take, with the same value each time; next C
	Take       // register A = expression B, if that is defined; holds then if D is 1, else never, so that all solutions are compared
	Collect    // add expression B to list A; never holds
	Emit       // a finding: B pairs of a key and an expression from Args[A]; never holds
	Give       // cannot tell: the rule has to be asked

	// Short forms of comparisons, of a field of register A with a constant. Next is C.
	FieldTrue  // field B is D (0 or 1)
	FieldInt   // field B and the constant of Args[D] compare as Args[D+1] says
	FieldText  // likewise
	FieldCount // likewise, the length of a list

	// Expressions.
	Value  // constant A
	Load   // register A
	Get    // field B of register A, which holds a record
	Item   // element B of list A
	Lookup // what object B holds under A
	Total  // the sum A of all solutions of condition B; D says what Add does
	Join   // the texts of list A that condition B collects, with expression C between them, as D says
	Gather // the texts of list A that condition B collects, in their order, each once
	Call   // function A of the C expressions from Args[B]
)

// How values compare.
const (
	Equal int32 = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
)

// What Add does.
const (
	Sum int32 = iota
	Most
	Fewest
)

// What Join does with the texts.
const (
	InOrder  int32 = iota
	Sorted         // in their order
	Distinct       // in their order, each once
)

// Node is an operation. What A to D mean depends on Op.
type Node struct {
	Op         Op
	A, B, C, D int32
}

// Prepare checks that all that p names exists and resolves it. A program that it refuses must not be run.
func (p *Program) Prepare() error {
	if p.Version != Version {
		return fmt.Errorf("the guards are of version %d, not %d", p.Version, Version)
	}
	if err := p.prepareFields(); err != nil {
		return err
	}
	p.values = make([]value, len(p.Consts))
	p.made = make([]atomic.Pointer[made], len(p.Consts))
	for i := range p.Consts {
		if err := p.prepareConst(int32(i)); err != nil {
			return err
		}
	}
	return p.check()
}

func (p *Program) prepareFields() error {
	p.access = make([]access, len(p.Fields))
	next := 0 // in layout, whose order the fields of what Only has made have
	for i := range p.Fields {
		f := &p.Fields[i]
		for next < len(layout) && compareField(next, f.Record, f.Path) < 0 {
			next++
		}
		a, ok := accessOf(*f, next)
		if !ok {
			return fmt.Errorf("the facts have no field %s of %s", f.Path, f.Record)
		}
		p.access[i] = a
	}
	return nil
}

// enough texts are found faster by a table than one by one.
const enough = 5

func (p *Program) prepareConst(i int32) error {
	c := &p.Consts[i]
	for _, item := range c.Items {
		if item < 0 || item >= i {
			return fmt.Errorf("constant %d holds constant %d, which does not come before it", i, item)
		}
	}
	switch c.Kind {
	case ConstNull:
		p.values[i] = value{kind: null}
	case ConstBool:
		p.values[i] = truth(c.Int != 0)
	case ConstInt:
		p.values[i] = whole(c.Int)
	case ConstFloat:
		p.values[i] = broken(c.Float)
		p.values[i].p = unsafe.Pointer(stated(c.Text))
	case ConstText:
		p.values[i] = text(c.Text)
	case ConstArray, ConstSet, ConstObject:
		p.values[i] = value{kind: constant, n: int64(i)}
		if c.Kind == ConstObject && len(c.Keys) != len(c.Items) {
			return fmt.Errorf("constant %d has %d keys for %d values", i, len(c.Keys), len(c.Items))
		}
	case ConstPattern:
		p.values[i] = text(c.Text)
	default:
		return fmt.Errorf("constant %d is of kind %d", i, c.Kind)
	}
	return nil
}

// stated gives the number that a text says, nil where it is not as digits writes it. One with an exponent is not: it could be large.
func stated(s string) *big.Float {
	if s == "" || len(s) > 30 || strings.Trim(s, "-.0123456789") != "" {
		return nil
	}
	if f, ok := new(big.Float).SetString(s); ok && !f.IsInt() && digits(f) == s {
		return f
	}
	return nil
}

// table gives what is looked up in an object by its keys, or in a set or long array by its texts, nil for what has no table.
func (p *Program) table(i int64) map[string]value {
	c := &p.Consts[i]
	if c.Kind != ConstObject && len(c.Items) < enough {
		return nil
	}
	if m := p.made[i].Load(); m != nil {
		return m.table
	}
	table := make(map[string]value, len(c.Items))
	for j, item := range c.Items {
		if c.Kind == ConstObject {
			table[c.Keys[j]] = p.values[item]
		} else if p.Consts[item].Kind == ConstText {
			table[p.Consts[item].Text] = p.values[item]
		}
	}
	p.made[i].Store(&made{table: table})
	return table
}

// pattern gives a pattern compiled, nil for one that does not compile. Compiling takes longer than all the rest.
func (p *Program) pattern(i int32) *regexp.Regexp {
	if m := p.made[i].Load(); m != nil {
		return m.pattern
	}
	re, err := regexp.Compile(p.Consts[i].Text)
	if err != nil {
		re = nil
	}
	p.made[i].Store(&made{pattern: re})
	return re
}
