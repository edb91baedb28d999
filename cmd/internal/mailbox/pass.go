package mailbox

// Passer takes in the octets of a message of an mbox while it is looked for its end, so that they need not be looked at again. Where it
// takes none, or less, nothing is lost.
type Passer interface {
	// Lead is given the beginning of a message and what follows it, or what follows what was taken in before, as
	// mimesize.Scanner.Lead. A negative number of octets ends the passing of this message.
	Lead(b []byte, first bool) Taken
	// Pass is given octets of a message: the first of it, or those that follow what was taken in before. It gives how many it takes
	// in; the others come again with more. A negative number ends the passing of this message. It takes in what is more than 128 KiB,
	// and keeps nothing of b.
	Pass(b []byte, first bool) int
}

// Taken is what Passer.Lead has taken in, as mimesize has it.
type Taken struct {
	Octets int
	Lines  int64
	Header int64
	Doubt  bool
}

// passing is what a splitter knows of the message that passes.
type passing struct {
	to    Passer
	from  int64 // messages that begin before are not wanted
	begun bool
	over  bool // the message does not pass
	leads bool // nobody has looked at what follows at
	at    int64
}

// enter begins with the message whose body is that of s.
func (p *passing) enter(s *splitter) {
	p.begun, p.over, p.at = false, false, s.body
	p.leads = p.to != nil && s.at != nil && s.start >= p.from
}

// lead has the lines at pos taken in that are no end of the message. It gives false if more octets are wanted.
func (s *splitter) lead() bool {
	p := &s.passing
	if s.mid || p.at != s.base+int64(s.pos) {
		p.leads = false
		return true
	}
	t := p.to.Lead(s.win.b[s.pos:s.n], !p.begun)
	if t.Octets <= 0 {
		p.leads, p.over = false, t.Octets < 0
		return true
	}
	s.pos += t.Octets
	s.line += t.Lines
	p.begun = true
	p.at += int64(t.Octets)
	if s.header && t.Header > 0 {
		s.header, s.content = false, s.body+t.Header
	}
	p.leads = !t.Doubt && !s.eof
	return !p.leads
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
