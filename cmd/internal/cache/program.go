package cache

import (
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
	List(c, &p.Consts, 29, func(k *guard.Const) {
		c.Octet((*uint8)(&k.Kind))
		c.Number(&k.Int)
		c.Float(&k.Float)
		c.Text(&k.Text)
		c.Smalls(&k.Items)
		c.Texts(&k.Keys)
	})
	c.Smalls(&p.Memos)
	c.Small(&p.Registers)
	c.Small(&p.Sets)
	c.Small(&p.Sums)
	c.Small(&p.Lists)
}
