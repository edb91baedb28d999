package mimesize

// run counts lines of a body that ask for no second look, so that the Scanner is told of many at once. They have no octet that
// could begin a boundary line, a lone dot or an mbox "From ", are no longer than any rule minds, and end in CRLF or LF.
type run struct {
	lines    int64
	ends     [2]place // LF and CRLF; off is the place of the first
	longest  int64
	longLine int64
}

// plainStart tells of an octet that a line beginning with it can be in a run.
var plainStart = func() (t [256]bool) {
	for i := range t {
		t[i] = i != '-' && i != '.' && i != 'F' && i != '\r'
	}
	return t
}()

// add counts a line that ends at off; line is the number of the run's first line.
func (r *run) add(length int, e eol, off, line int64) {
	if n := int64(length); n > r.longest {
		r.longest, r.longLine = n, line+r.lines
	}
	end := &r.ends[0]
	if e == eolCRLF {
		end = &r.ends[1]
	}
	if end.count == 0 {
		end.off, end.line = off, line+r.lines
	}
	end.count++
	r.lines++
}

// tell accounts for the lines of the run, the last of which ended in e, and begins another.
func (s *Scanner) tell(r *run, e eol) {
	if r.lines == 0 {
		return
	}
	l := &s.res.Lines
	l.Count += r.lines
	if r.longest > l.Longest {
		l.Longest, l.LongestLine = r.longest, r.longLine
	}
	for i, end := range r.ends {
		if end.count == 0 {
			continue
		}
		if s.first[i].count == 0 {
			s.first[i] = end
		} else {
			s.first[i].count += end.count
		}
	}
	l.LF += r.ends[0].count
	l.CRLF += r.ends[1].count
	s.bareLF += r.ends[0].count
	s.eols += r.lines
	s.line += r.lines
	s.lastEOL, s.lastCR, s.body.skip = e, false, false
	*r = run{}
}

// base64Lines counts the lines of base64 at the start of b, and returns their octets. Lines of an encoder are all as long as the
// first, so that their ends need not be looked for: what stands before them is of the alphabet, in which there is no line end.
func (s *Scanner) base64Lines(b []byte, first int, e eol, off int64) int {
	eol := int(e.stored())
	step := first + eol
	rest := b
	for len(rest) >= step {
		line := rest[:step]
		if line[step-1] != '\n' || e == eolCRLF && line[first] != '\r' || !allBase64(line[:first]) {
			break
		}
		rest = rest[step:]
	}
	octets := len(b) - len(rest)
	if octets == 0 {
		return 0
	}
	n := int64(octets / step)
	r := run{lines: n, longest: int64(first), longLine: s.line}
	r.ends[e-eolLF] = place{off: off + int64(first), line: s.line, count: n}
	s.body.base64.chars += n * int64(first)
	s.tell(&r, e)
	return octets
}
