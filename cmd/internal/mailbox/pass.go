package mailbox

// Passer takes in the octets of a message of an mbox that does not fit into memory while it is looked for its end, so that they need
// not be read again. Where it takes none, or less, nothing is lost.
type Passer interface {
	// Pass is given octets of a message: the first of it, or those that follow what was taken in before. It gives how many it takes
	// in; the others come again with more. A negative number ends the passing of this message. It takes in what is more than 128 KiB,
	// and keeps nothing of b.
	Pass(b []byte, first bool) int
}

// passing is what a splitter knows of the message that passes.
type passing struct {
	to    Passer
	from  int64 // messages that begin before are not wanted
	begun bool
	over  bool // the message does not pass
	at    int64
}

// pass shows the octets of a long message that the window is about to lose. An empty line before the next postmark may not be its
// own.
func (s *splitter) pass() {
	p := &s.passing
	if p.to == nil || p.over || s.at == nil || s.start < p.from {
		return
	}
	if !p.begun {
		if s.body < s.base {
			p.over = true
			return
		}
		p.at = s.body
	}
	end := s.base + int64(s.pos) - 4
	if end <= p.at {
		return
	}
	n := p.to.Pass(s.win.b[p.at-s.base:end-s.base], !p.begun)
	if p.over = n < 0; p.over {
		return
	}
	p.begun = p.begun || n > 0
	p.at += int64(n)
}

// passed tells up to where a message has passed whose other octets are in the window.
func (s *splitter) passed() (at int64, ok bool) {
	p := &s.passing
	return p.at, p.begun && !p.over
}

// both are two things that a message is read from.
type both struct{ a, b holder }

func (h both) release() {
	h.a.release()
	h.b.release()
}
