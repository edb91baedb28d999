package facts

import "strings"

// Memory holds the facts of one message after the other for a caller that keeps nothing of them (Options.Memory): what Make gives
// is valid until the next Make with the same Memory, which makes the next facts out of it, its lists and the octets of its strings
// included. Most messages then cost no memory. The zero value is ready; a Memory serves one goroutine.
//
// Where somebody may go on reading the facts for a time that nobody knows, Facts.Keep has to be called: they are then left to him.
type Memory struct {
	facts   *Facts
	texts   arena   // what strings of the facts are made of
	numbers []int64 // what pointers to numbers in the facts point to
	reading *contents
	busy    bool   // reading has a message
	kept    bool   // somebody has called keep
	keep    func() // that of the facts
}

// begin takes the memory back and gives it to the next message.
func (m *Memory) begin() *contents {
	if m.facts != nil {
		m.facts.Forget()
		if m.kept {
			*m = Memory{reading: m.reading, busy: m.busy, keep: m.keep}
		}
	}
	if m.busy {
		*m = Memory{} // a Make that did not come to its end
	}
	if m.facts == nil {
		m.facts = New(KindMessage)
	} else {
		if spoil != nil {
			spoil(m)
		}
		m.facts.renew()
	}
	if m.keep == nil {
		m.keep = func() { m.kept = true }
	}
	m.facts.Keep = m.keep
	m.texts.reset(maxKeptOctets)
	m.numbers = keep(m.numbers)
	if m.reading == nil {
		m.reading = newContents()
	}
	m.reading.memory = m
	m.busy = true
	return m.reading
}

// spoil and spoilMaker, if set, make memory useless that is about to be used again, so that it is noticed when somebody still looks
// at it.
var (
	spoil      func(*Memory)
	spoilMaker func(*maker)
)

// keep gives a text that is valid as long as the facts, of one that may not be.
func (m *maker) keep(s string) string {
	if s == "" {
		return ""
	}
	if m.memory != nil {
		return m.memory.texts.keep(s)
	}
	return strings.Clone(s)
}

// number gives a number that is valid as long as the facts.
func (m *maker) number(n int64) *int64 {
	if m.memory == nil {
		p := new(int64)
		*p = n
		return p
	}
	l := &m.memory.numbers
	if len(*l) == cap(*l) {
		*l = make([]int64, 0, max(2*cap(*l), 16)) // those there are stay where they are
	}
	*l = append(*l, n)
	return &(*l)[len(*l)-1]
}

// arena holds the octets of strings that end together.
type arena struct{ octets []byte }

// room has n octets added at one place.
func (a *arena) room(n int) {
	if n > cap(a.octets)-len(a.octets) {
		a.octets = make([]byte, 0, max(2*cap(a.octets), n, 1024)) // strings that there are keep the old one
	}
}

func (a *arena) keep(s string) string {
	a.room(len(s))
	at := len(a.octets)
	a.octets = append(a.octets, s...)
	return a.since(at)
}

// since gives the octets from a place on as a string.
func (a *arena) since(at int) string { return viewOf(a.octets[at:]) }

// arenaMark is a place in an arena.
type arenaMark struct{ n, room int }

func (a *arena) mark() arenaMark { return arenaMark{len(a.octets), cap(a.octets)} }

// back ends the strings that came after a place, if that is still where the arena is.
func (a *arena) back(m arenaMark) {
	if cap(a.octets) == m.room {
		a.octets = a.octets[:m.n]
	}
}

// reset ends all strings. Not more than limit octets are used again.
func (a *arena) reset(limit int) {
	if cap(a.octets) > limit {
		a.octets = nil
	}
	a.octets = a.octets[:0]
}
