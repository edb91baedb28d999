package guard

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// recall is what is asked of one text of a record: conditions that depend on nothing else. The answers are kept from message to
// message: senders, their domains and the hosts of links are few in what one organisation sends.
type recall struct {
	field  *access // nil where the record itself is the text
	asks   []ask
	memory int // which of the run's
}

// ask is a condition on the text of a record, and the bodies that it opens.
type ask struct {
	question
	opens []uint64
}

// question is a condition that reads nothing but one text field of the record in a register, or the text in that register where field
// is -1.
type question struct{ at, reg, field int32 }

// maxAsks is how many answers are kept with a text.
const maxAsks = 64

// memory holds the answers about texts that were met last. One text takes the place of another: what is forgotten is only asked again.
type memory [256]answers

// answers are those about one text, by bit: that the condition holds.
type answers struct {
	yes  uint64
	size uint8 // of the text and 1 more, 0 for none
	text [55]byte
}

// recall opens what the text of a record opens.
func (r *run) recall(c *recall, base unsafe.Pointer, item *value, live []uint64) {
	var s string
	if c.field != nil {
		s = c.field.text(base)
	} else {
		s = item.text()
	}
	for yes := r.answers(c, s, base, item); yes != 0; yes &= yes - 1 {
		for w, opens := range c.asks[bits.TrailingZeros64(yes)].opens {
			live[w] |= opens
		}
	}
}

// answers gives those about a text, by heart if it can. All are yes where that is not certain.
func (r *run) answers(c *recall, s string, base unsafe.Pointer, item *value) uint64 {
	if r.tired {
		return 1<<len(c.asks) - 1
	}
	known := r.memories[c.memory]
	if known == nil {
		known = new(memory)
		r.memories[c.memory] = known
	}
	a := &known[place(s)]
	if int(a.size) == len(s)+1 && string(a.text[:len(s)]) == s {
		return a.yes
	}
	var yes uint64
	before := r.m.steps
	for i := range c.asks {
		if item == nil {
			r.m.steps = 0
		}
		if r.m.asked(&c.asks[i].question, base, item) {
			yes |= 1 << i
		}
		if r.m.gaveUp {
			r.m.steps, r.tired = before, true
			return 1<<len(c.asks) - 1
		}
	}
	if len(s) <= len(a.text) {
		a.yes, a.size = yes, uint8(len(s)+1)
		copy(a.text[:], s)
	}
	return yes
}

// place is where in a memory the answers about a text are.
func place(s string) uint8 {
	const spread = 0x9E3779B97F4A7C15 // 2^64 by the golden ratio
	octets := unsafe.Slice(unsafe.StringData(s), len(s))
	h := uint64(len(s)) * spread
	for ; len(octets) >= 8; octets = octets[8:] {
		h = (h ^ binary.LittleEndian.Uint64(octets)) * spread
		h ^= h >> 32
	}
	for _, c := range octets {
		h = (h ^ uint64(c)) * spread
	}
	return uint8(h >> 56)
}

// asked tells whether a condition holds, or may, for a record.
func (m *machine) asked(q *question, base unsafe.Pointer, item *value) bool {
	if item != nil {
		m.regs[q.reg] = *item
	} else {
		m.regs[q.reg] = value{kind: record, p: base}
	}
	m.gaveUp, m.room = false, m.room[:0]
	return m.holds(q.at) || m.gaveUp
}
