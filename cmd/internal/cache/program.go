package cache

import (
	"math"
	"unsafe"

	"postern/rules/guard"
)

// Program codes guards. Those that were read have to be prepared.
func (c *Coder) Program(p *guard.Program) {
	version := int64(p.Version)
	c.Number(&version)
	p.Version = int(version)
	List(c, &p.Rules, 12, func(r *guard.Rule) {
		c.Text(&r.Name)
		c.Small(&r.Root)
		c.Small(&r.Head)
	})
	Flat(c, &p.Nodes, int(unsafe.Sizeof(guard.Node{})), func(n *guard.Node) {
		op := int32(n.Op) // the octets after it are nothing
		c.Small(&op)
		n.Op = guard.Op(op)
		c.Small(&n.A)
		c.Small(&n.B)
		c.Small(&n.C)
		c.Small(&n.D)
	})
	c.Smalls(&p.Args)
	List(c, &p.Fields, 8, func(f *guard.Field) {
		c.Text(&f.Record)
		c.Text(&f.Path)
	})
	c.consts(&p.Consts)
	c.Smalls(&p.Memos)
	c.Small(&p.Registers)
	c.Small(&p.Sets)
	c.Small(&p.Sums)
	c.Small(&p.Lists)
}

// constant is a constant in a file: what it holds are the next so many of all items, keys and octets of texts. Numbers have two halves.
type constant struct {
	Kind, IntLow, IntHigh, FloatLow, FloatHigh, Items, Keys, Text int32
}

// consts codes constants. There are many, of which a message needs few, so they are read without looking at each of their items.
func (c *Coder) consts(all *[]guard.Const) {
	var list []constant
	var items, keys []int32 // constants; the lengths of keys
	var texts string
	if !c.reading {
		var b []byte
		for i := range *all {
			k := &(*all)[i]
			f := math.Float64bits(k.Float)
			list = append(list, constant{int32(k.Kind), int32(k.Int), int32(k.Int >> 32), int32(f), int32(f >> 32),
				int32(len(k.Items)), int32(len(k.Keys)), int32(len(k.Text))})
			items = append(items, k.Items...)
			b = append(b, k.Text...)
			for _, key := range k.Keys {
				keys = append(keys, int32(len(key)))
				b = append(b, key...)
			}
		}
		texts = string(b)
	}
	Flat(c, &list, int(unsafe.Sizeof(constant{})), func(k *constant) {
		for _, n := range []*int32{&k.Kind, &k.IntLow, &k.IntHigh, &k.FloatLow, &k.FloatHigh, &k.Items, &k.Keys, &k.Text} {
			c.Small(n)
		}
	})
	c.Smalls(&items)
	c.Smalls(&keys)
	c.Text(&texts)
	if !c.reading {
		return
	}
	text := func(n int32) (s string) {
		if n < 0 || int(n) > len(texts) {
			c.Refuse()
			return ""
		}
		s, texts = texts[:n], texts[n:]
		return s
	}
	names := make([]string, len(keys))
	*all = make([]guard.Const, len(list))
	for i := range list {
		from, k := &list[i], &(*all)[i]
		if from.Kind < 0 || from.Kind > math.MaxUint8 || from.Items < 0 || int(from.Items) > len(items) || from.Keys < 0 || int(from.Keys) > len(keys) {
			c.Refuse()
			return
		}
		k.Kind = guard.ConstKind(from.Kind)
		k.Int = int64(from.IntHigh)<<32 | int64(uint32(from.IntLow))
		k.Float = math.Float64frombits(uint64(uint32(from.FloatHigh))<<32 | uint64(uint32(from.FloatLow)))
		k.Text = text(from.Text)
		if n := from.Items; n > 0 {
			k.Items, items = items[:n:n], items[n:]
		}
		if n := from.Keys; n > 0 {
			for j, length := range keys[:n] {
				names[j] = text(length)
			}
			k.Keys, keys, names = names[:n:n], keys[n:], names[n:]
		}
	}
	if len(items)+len(keys)+len(texts) > 0 {
		c.Refuse()
	}
}
