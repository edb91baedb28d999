package mimesize

import "bytes"

// Taken is what Lead has taken in.
type Taken struct {
	// Octets are those of whole lines, Lines how many.
	Octets int
	Lines  int64
	// Header is how many octets the header of the message has, with the empty line behind it; 0 as long as it goes on.
	Header int64
	// Doubt tells that the next line may mean something to an mbox. Without it more octets are wanted.
	Doubt bool
}

// Lead begins the scan of a message of an mbox, first tells, or goes on with it, where nobody has looked yet for its end: b begins with
// a line of it and holds what follows it as well. It takes in lines up to one that begins with "From ", perhaps behind marks of quoting,
// a Content-Length, or what has to be seen with all that follows it; and no empty line that can be the one before a postmark. What it
// has not taken in goes to Pass and Finish.
func (s *Scanner) Lead(b []byte, first bool) (t Taken) {
	if first {
		if !s.leads(b) {
			s.passing = false
			return Taken{Doubt: true}
		}
		s.reset()
		s.inMemory, s.passing = true, true
		s.memory = b
		s.look()
		s.begin()
	}
	s.memory, s.leading, s.doubt = b, true, false
	line := s.line
	for before := -1; len(s.memory) != before && !s.doubt; {
		before = len(s.memory)
		s.look()
		s.lines()
	}
	t = Taken{Octets: len(b) - len(s.memory), Lines: s.line - line, Doubt: s.doubt}
	if s.cur > 0 || s.state != inHeader {
		t.Header = s.res.Parts[0].Body.Offset
	}
	s.memory, s.buf, s.end, s.leading = nil, nil, 0, false
	return t
}

// leads tells whether a message begins with a line as most do.
func (s *Scanner) leads(b []byte) bool {
	return len(b) > 0 && b[0] != '>' && headerStart[b[0]] == startsField && !bytes.HasPrefix(b, fromSpace) &&
		bytes.IndexByte(b[:min(len(b), lookahead)], '\n') >= 0
}

// doubtful tells of the line with which b begins, and which has n octets, that Lead does not take it in.
func (s *Scanner) doubtful(b []byte, n int) bool {
	if n == 0 || n == 1 && b[0] == '\r' {
		if len(b)-n-1 < len(fromSpace) {
			return true // what follows is not known
		}
		s.doubt = bytes.HasPrefix(b[n+1:], fromSpace)
	} else {
		s.doubt = s.state == inHeader || isFrom(b)
	}
	return s.doubt
}

// isFrom tells whether b begins with "From ", perhaps behind marks of quoting.
func isFrom(b []byte) bool {
	for len(b) > 0 && b[0] == '>' {
		b = b[1:]
	}
	return bytes.HasPrefix(b, fromSpace)
}

// undoubted gives those of the first lines of a body that Lead takes in.
func undoubted(b []byte) []byte {
	b = b[:bytes.LastIndexByte(b[:min(len(b), stretch)], '\n')+1]
	for p := 0; ; {
		i := bytes.IndexByte(b[p:], 'F')
		if i < 0 {
			break
		}
		at := p + i
		if p = at + 1; !bytes.HasPrefix(b[at:], fromSpace) {
			continue
		}
		for at > 0 && b[at-1] == '>' {
			at--
		}
		if at == 0 || b[at-1] == '\n' {
			b = b[:at]
			break
		}
	}
	switch {
	case bytes.HasSuffix(b, []byte("\n\n")), len(b) == 1:
		return b[:len(b)-1]
	case bytes.HasSuffix(b, []byte("\n\r\n")), len(b) == 2 && b[0] == '\r':
		return b[:len(b)-2]
	}
	return b
}

var fromSpace = []byte("From ")
