package compile

// way is what the literals before one have made sure of. It holds for what follows them, and for nothing else.
type way struct {
	opened    map[int32]int32 // the registers of records that are not null, by the nodes that they come from
	filled    map[int32]int   // nodes of values that are not null
	addresses map[int32]int   // nodes of texts that are addresses of IPv4 or IPv6
}

func newWay() way {
	return way{opened: map[int32]int32{}, filled: map[int32]int{}, addresses: map[int32]int{}}
}

// knowing compiles what follows once a node is known to be what the map lists.
func knowing(what map[int32]int, node int32, next func() int32) int32 {
	what[node]++
	defer func() { what[node]-- }()
	return next()
}

// seen is an operand with what is known of it here.
func (c *compiler) seen(op operand) operand {
	if d, ok := op.(dynamic); ok && d.null && d.scalar() && c.filled[d.node] > 0 {
		d.null = false
		return d
	}
	return op
}

// alone has what follows compiled as if nothing stood before it, until back is called.
func (c *compiler) alone() (back func()) {
	way, counting, ordered := c.way, c.counting, c.ordered
	c.way, c.counting, c.ordered = newWay(), 0, 0
	return func() { c.way, c.counting, c.ordered = way, counting, ordered }
}
