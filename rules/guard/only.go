package guard

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Only gives a program of the conditions of some rules, in that order, without what makes findings: all that a program needs that only
// wants to know whether they may find something. It is prepared. p, which has to be prepared too, is as before.
func (p *Program) Only(rules []int32) (*Program, error) {
	k := keeper{p: p, q: &Program{Version: p.Version, Registers: 1}, nodes: make([]int32, len(p.Nodes)), registers: map[int32]int32{0: 0}, // the facts
		sets: map[int32]int32{}, sums: map[int32]int32{}, lists: map[int32]int32{},
		fields: map[int32]int32{}, memos: map[int32]int32{}, consts: map[int32]int32{}, pairs: map[[2]int32]int32{}}
	const keep = 1
	k.nodes[0], k.nodes[1] = keep, keep // True and False
	for _, r := range rules {
		k.nodes[p.Rules[r].Root] = keep
	}
	// A node comes after those that it names.
	for at := len(p.Nodes) - 1; at >= 0; at-- {
		if n := p.Nodes[at]; k.nodes[at] == keep {
			k.look(&n, func(of *int32) { k.nodes[*of] = keep })
		}
	}
	k.sortFields()
	k.moving = true
	for at, n := range p.Nodes {
		if k.nodes[at] == keep {
			k.look(&n, func(of *int32) { *of = k.nodes[*of] })
			k.nodes[at] = int32(len(k.q.Nodes))
			k.q.Nodes = append(k.q.Nodes, n)
		}
	}
	for _, r := range rules {
		k.q.Rules = append(k.q.Rules, Rule{Name: p.Rules[r].Name, Root: k.nodes[p.Rules[r].Root]})
	}
	if k.err != nil {
		return nil, k.err
	}
	return k.q, k.q.Prepare()
}

// keeper moves a part of program p to q: first it finds out which nodes are kept, then it moves them, with what they name.
type keeper struct {
	p, q                  *Program
	nodes                 []int32 // for each node of p whether it is kept, then its place in q
	moving                bool
	fields, memos, consts map[int32]int32 // places in q
	pairs                 map[[2]int32]int32
	registers             map[int32]int32
	sets, sums, lists     map[int32]int32
	err                   error
}

// cell moves a register, set, sum or list, of which there are so many.
func (k *keeper) cell(at *int32, places map[int32]int32, count *int32) {
	if !k.moving {
		return
	}
	place, known := places[*at]
	if !known {
		place = *count
		places[*at] = place
		*count++
	}
	*at = place
}

func (k *keeper) register(at *int32) { k.cell(at, k.registers, &k.q.Registers) }

// look has node look at each node that n names, and moves everything else that n names.
func (k *keeper) look(n *Node, node func(*int32)) {
	switch n.Op {
	case True, False, Give:
	case Load:
		k.register(&n.A)
	case Let, One:
		k.register(&n.A)
		node(&n.B)
		node(&n.C)
	case Each:
		if k.register(&n.A); n.D >= 0 {
			k.register(&n.D)
		}
		node(&n.B)
		node(&n.C)
	case Once:
		k.cell(&n.A, k.sets, &k.q.Sets)
		node(&n.B)
		node(&n.C)
	case Join:
		k.cell(&n.A, k.lists, &k.q.Lists)
		node(&n.B)
		node(&n.C)
	case Compare:
		node(&n.A)
		node(&n.B)
		node(&n.C)
	case Not, If, Holds:
		node(&n.A)
		node(&n.C)
	case Item, Lookup:
		node(&n.A)
		node(&n.B)
	case Add, Total:
		k.cell(&n.A, k.sums, &k.q.Sums)
		node(&n.B)
	case Take:
		k.register(&n.A)
		node(&n.B)
	case Collect, Gather:
		k.cell(&n.A, k.lists, &k.q.Lists)
		node(&n.B)
	case Reset:
		k.cell(&n.A, k.sets, &k.q.Sets)
		node(&n.C)
	case Any:
		k.list(&n.A, n.B, node)
	case Call:
		k.list(&n.B, n.C, node)
	case Memo:
		of := k.p.Memos[n.A]
		if node(&of); k.moving {
			n.A = moved(k.memos, n.A, &k.q.Memos, of)
		}
		node(&n.C)
	case Get:
		k.register(&n.A)
		k.field(&n.B)
	case FieldTrue:
		k.register(&n.A)
		k.field(&n.B)
		node(&n.C)
	case FieldInt, FieldText, FieldCount:
		k.register(&n.A)
		k.field(&n.B)
		k.pair(&n.D)
		node(&n.C)
	case Value:
		k.constant(&n.A)
	default:
		k.err = fmt.Errorf("a condition holds an operation %d", n.Op)
	}
}

// moved gives the place of an item that is put to others when it is met first.
func moved[T any](places map[int32]int32, at int32, to *[]T, item T) int32 {
	place, known := places[at]
	if !known {
		place = int32(len(*to))
		places[at] = place
		*to = append(*to, item)
	}
	return place
}

func (k *keeper) field(at *int32) {
	if !k.moving {
		k.fields[*at] = 0
		return
	}
	*at = k.fields[*at]
}

// sortFields puts the fields into q in the order of layout, so that Prepare finds them one after the other.
func (k *keeper) sortFields() {
	order := slices.Collect(maps.Keys(k.fields))
	slices.SortFunc(order, func(a, b int32) int {
		x, y := &k.p.Fields[a], &k.p.Fields[b]
		return cmp.Or(strings.Compare(x.Record, y.Record), strings.Compare(x.Path, y.Path))
	})
	for place, at := range order {
		k.fields[at] = int32(place)
		k.q.Fields = append(k.q.Fields, k.p.Fields[at])
	}
}

func (k *keeper) list(from *int32, count int32, node func(*int32)) {
	place := int32(len(k.q.Args))
	for _, of := range k.p.Args[*from : *from+count] {
		if node(&of); k.moving {
			k.q.Args = append(k.q.Args, of)
		}
	}
	if k.moving {
		*from = place
	}
}

// pair moves the constant and the way of comparing of a short form.
func (k *keeper) pair(at *int32) {
	if !k.moving {
		return
	}
	with := k.p.Args[*at]
	k.constant(&with)
	pair := [2]int32{with, k.p.Args[*at+1]}
	place, known := k.pairs[pair]
	if !known {
		place = int32(len(k.q.Args))
		k.pairs[pair] = place
		k.q.Args = append(k.q.Args, pair[:]...)
	}
	*at = place
}

func (k *keeper) constant(at *int32) {
	if !k.moving {
		return
	}
	place, known := k.consts[*at]
	if !known {
		c := k.p.Consts[*at]
		if c.Kind == ConstFloat {
			c.Text = "" // conditions need no more than Float
		}
		items := make([]int32, len(c.Items)) // which come before it
		for i, item := range c.Items {
			k.constant(&item)
			items[i] = item
		}
		if c.Items != nil {
			c.Items = items
		}
		place = int32(len(k.q.Consts))
		k.consts[*at] = place
		k.q.Consts = append(k.q.Consts, c)
	}
	*at = place
}
