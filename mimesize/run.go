package mimesize

import "bytes"

// run counts lines that ask for no second look, so that the Scanner is told of many at once. They end in CRLF or LF.
type run struct {
	lines    int64
	ends     [2]place // LF and CRLF; off is the place of the first
	longest  int64
	longLine int64
	last     eol
}

// lineRun makes a run of lines that come one after the other.
type lineRun struct {
	run
	first    int64 // number of the first line
	crlfs    int64 // lines among them that end in CRLF
	longest  int
	longLine int64
}

// ends counts line number line, which ends at off.
func (r *lineRun) ends(e eol, off, line int64) {
	if e == eolCRLF {
		if r.crlfs == 0 {
			r.run.ends[1] = place{off: off, line: line}
		}
		r.crlfs++
	} else if line-r.first == r.crlfs {
		r.run.ends[0] = place{off: off, line: line}
	}
	r.last = e
}

// tellLines is tell of the lines up to s.line.
func (s *Scanner) tellLines(r *lineRun) {
	r.lines, r.run.longest, r.run.longLine = s.line-r.first, int64(r.longest), r.longLine
	r.run.ends[0].count, r.run.ends[1].count = r.lines-r.crlfs, r.crlfs
	s.tell(&r.run)
}

// tell accounts for the lines of the run, but for s.line.
func (s *Scanner) tell(r *run) {
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
	s.lastEOL, s.lastCR = r.last, false
}

// quickLines reads the lines at the start of b that ask for no second look, and returns their octets. off is the place of b. It says
// the same of them as oneLine. Known tells that the only CR among them are those of CRLF.
func (s *Scanner) quickLines(b []byte, off int64) (n int, known bool) {
	s.body.skip = false
	switch {
	case s.crOnly || s.long.active || s.slow:
	case s.state == inHeader:
		return s.headerLines(b, off), true
	case s.state == inBody && s.body.encoding == EncodingNone && s.SizesOnly:
		return s.sizeLines(b), false
	case s.state == inBody && s.body.encoding != EncodingBase64:
		return s.bodyLines(b, off), false
	case s.state == inBody && !s.body.base64.ended:
		return s.base64Lines(b, off), true
	}
	return 0, false
}

// stretch is how much of a body is searched at a time for octets above 127 and NUL.
const stretch = 4 << 10

// mayMean tells of an octet that a line beginning with it may be a boundary line, a lone dot or an mbox "From ".
var mayMean = [256]bool{'-': true, '.': true, 'F': true, '>': true}

// bodyLines is quickLines in a body that is not base64.
func (s *Scanner) bodyLines(b []byte, off int64) int {
	r := lineRun{first: s.line}
	qp := s.body.encoding == EncodingQuotedPrintable
	pos := 0
	for {
		rest := b[pos:]
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			break
		}
		n, e := i, eolLF
		if n > 0 && rest[n-1] == '\r' {
			n, e = n-1, eolCRLF
		}
		if n == 0 && s.leading && s.doubtful(rest, i) {
			break
		}
		if n > 0 {
			text := rest[:n]
			if mayMean[text[0]] && s.means(text) || text[n-1] == '\r' {
				break
			}
			if next := pos + i + 1; off+int64(next) > s.searched && !s.SizesOnly {
				end := max(next, min(pos+stretch, len(b)))
				s.searched, s.odd = off+int64(end), isOdd(b[pos:end])
			}
			if s.odd {
				s.oddOctets(text, off+int64(pos))
			}
			if qp {
				s.body.qp.write(s, text, off+int64(pos))
			}
			if n > 76 && (qp || n > 78) {
				s.overlong(int64(n), off+int64(pos))
			}
			if n > r.longest {
				r.longest, r.longLine = n, s.line
			}
		}
		end := off + int64(pos+n)
		if qp {
			s.body.qp.endLine(s, e, end)
		}
		r.ends(e, end, s.line)
		s.line++
		pos += i + 1
	}
	s.tellLines(&r)
	return pos
}

// sizeLines is quickLines in a body that is not encoded, for SizesOnly: only what may be a boundary line asks for a second look.
func (s *Scanner) sizeLines(b []byte) int {
	if s.leading {
		b = b[:min(len(b), stretch)] // the message may be much shorter than what follows it
	}
	if len(s.frames) > 0 {
		if bytes.HasPrefix(b, dashes) {
			return 0
		}
		if i := bytes.Index(b, lfDashes); i >= 0 {
			b = b[:i+1]
		}
	}
	if b = b[:bytes.LastIndexByte(b, '\n')+1]; s.leading {
		b = undoubted(b)
	}
	if len(b) == 0 {
		return 0
	}
	r := run{lines: int64(bytes.Count(b, lf)), last: eolLF}
	if r.ends[1].count = countCRLF(b); r.ends[1].count > 0 && bytes.HasSuffix(b, crlf) {
		r.last = eolCRLF
	}
	r.ends[0].count = r.lines - r.ends[1].count
	s.line += r.lines
	s.tell(&r)
	return len(b)
}

var (
	cr       = []byte{'\r'}
	lf       = []byte{'\n'}
	crlf     = []byte{'\r', '\n'}
	dashes   = []byte("--")
	lfDashes = []byte("\n--")
)

// countCRLF counts the CR that an LF follows.
func countCRLF(b []byte) (n int64) {
	for {
		i := bytes.IndexByte(b, '\r') + 1
		if i == 0 {
			return n
		}
		if b = b[i:]; len(b) > 0 && b[0] == '\n' {
			n++
		}
	}
}

// means tells whether a line that mayMean something does.
func (s *Scanner) means(text []byte) bool {
	switch text[0] {
	case '-':
		return len(text) > 1 && text[1] == '-' && len(s.frames) > 0
	case 'F':
		return bytes.HasPrefix(text, fromSpace)
	case '>':
		return s.leading && isFrom(text)
	}
	return true
}

// base64Lines is quickLines in a body of base64. Lines of an encoder are all as long as the first, so that their ends need not be
// looked for: what stands before them is of the alphabet, in which there is no line end.
func (s *Scanner) base64Lines(b []byte, off int64) int {
	n := bytes.IndexByte(b[:min(len(b), 78)], '\n')
	e := eolLF
	if n > 0 && b[n-1] == '\r' {
		n, e = n-1, eolCRLF
	}
	if n <= 0 || n > 76 {
		return 0
	}
	var octets int
	step := n + int(e.stored())
	if n == 76 {
		octets = step * base64Lines76(b, step)
	} else {
		for len(b)-octets >= step && endsLine(b[octets:octets+step], n) && allBase64(b[octets:octets+n]) {
			octets += step
		}
	}
	if octets == 0 {
		return 0
	}
	count := int64(octets / step)
	r := run{lines: count, longest: int64(n), longLine: s.line, last: e}
	r.ends[e-eolLF] = place{off: off + int64(n), line: s.line, count: count}
	s.body.base64.chars += count * int64(n)
	s.line += count
	s.tell(&r)
	return octets
}

// endsLine tells whether LF or CRLF is all that stands behind the first n octets of line.
func endsLine(line []byte, n int) bool {
	return line[len(line)-1] == '\n' && (len(line) == n+1 || line[n] == '\r')
}
