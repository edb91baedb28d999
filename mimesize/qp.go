package mimesize

import "math"

// qpColumns is how many encoded octets an encoder puts on a line before it needs a soft line break: 76 less the "=" of the
// break itself (RFC 2045 section 6.7 rule 5).
const qpColumns = 75

// QPCounter is an io.Writer that counts the octets of its input in quoted-printable (RFC 2045 section 6.7) without encoding
// it. The count is exact for an encoder that escapes what must be escaped, fills lines up to 76 octets with the "=" of the
// soft line break, and begins a new one rather than split an escape; mime/quotedprintable is such an encoder. Others may
// write a few octets more or less. The zero value is ready: text, with CRLF.
type QPCounter struct {
	// Binary makes CR and LF octets like others, for content whose line ends are not line ends. Otherwise CRLF and LF are
	// line ends and a CR alone is escaped.
	Binary bool
	// EOL is the octets of a line end of the encoding, CRLF for zero.
	EOL int

	n     int64
	col   int  // encoded octets on the line
	blank bool // the last of them is a space or a tab, which must not end a line
	cr    bool // a CR whose LF may follow
}

// Write counts p. It never fails and returns len(p).
func (q *QPCounter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if q.cr {
			q.cr = false
			if p[0] != '\n' {
				q.escape()
			}
		}
		run := 0
		for run < len(p) && qpLiteral[p[run]] {
			run++
		}
		if run > 0 {
			q.literals(run)
			q.blank = p[run-1] == ' ' || p[run-1] == '\t'
			p = p[run:]
			continue
		}
		switch c := p[0]; {
		case c == '\r' && !q.Binary:
			q.cr = true
		case c == '\n' && !q.Binary:
			q.endLine()
			q.n += lineEnd(q.EOL)
			q.col = 0
			q.blank = false
		default:
			q.escape()
		}
		p = p[1:]
	}
	return written, nil
}

// qpLiteral marks the octets that stand for themselves, the blanks among them if they do not end a line.
var qpLiteral = func() (t [256]bool) {
	for c := '!'; c <= '~'; c++ {
		t[c] = c != '='
	}
	t[' '], t['\t'] = true, true
	return t
}()

// Size is the number of octets of the encoding if the input ends here. Writing may go on after it.
func (q *QPCounter) Size() int64 {
	end := *q
	if end.cr {
		end.escape()
	}
	end.endLine()
	return end.n
}

// literals counts octets that stand for themselves.
func (q *QPCounter) literals(count int) {
	q.n += int64(count)
	if over := q.col + count - qpColumns; over > 0 {
		breaks := (over-1)/qpColumns + 1
		q.n += int64(breaks) * (1 + lineEnd(q.EOL))
		q.col -= breaks * qpColumns
	}
	q.col += count
}

func (q *QPCounter) escape() {
	if q.col > qpColumns-3 {
		q.softBreak()
	}
	q.n += 3
	q.col += 3
	q.blank = false
}

func (q *QPCounter) softBreak() {
	q.n += 1 + lineEnd(q.EOL)
	q.col = 0
}

// endLine escapes a blank that would stand at the end of the line (rule 3).
func (q *QPCounter) endLine() {
	if q.blank {
		q.n--
		q.col--
		q.escape()
	}
}

// QPCounts are counts of octets from which the size in quoted-printable follows, or nearly so. Negative counts are taken
// as 0.
type QPCounts struct {
	// Literal counts octets that stand for themselves: 33 to 126 without "=", and spaces and tabs inside a line.
	Literal int64
	// Escaped counts those that become three: all others that are no line end, and a space or tab that ends a line.
	Escaped int64
	// LineEnds counts line ends of text.
	LineEnds int64
	// Longest is the length of the longest line as encoded, Literal + 3*Escaped of that line; 0 if it is not known.
	Longest int64
}

// Bounds are the least and the greatest size of the encoding with line ends of eol octets, for an encoder as QPCounter
// describes it. They are equal, and then the size is exact, if Longest is 1 to 75, so that no line needs a soft line break,
// or if all octets together are no more than that. Where soft line breaks fall in longer lines depends on the order of the
// octets, which counts do not tell; that is what QPCounter is for. Both saturate at math.MaxInt64.
func (c QPCounts) Bounds(eol int) (least, greatest int64) {
	literal, escaped, lines := max(c.Literal, 0), max(c.Escaped, 0), max(c.LineEnds, 0)
	octets := addTimes(literal, escaped, 3)
	size := addTimes(octets, lines, lineEnd(eol))
	if octets <= qpColumns || c.Longest > 0 && c.Longest <= qpColumns || octets == math.MaxInt64 {
		return size, size
	}
	// A line of the encoding holds at most 75 octets, and each that ends in a soft line break holds at least 73, because
	// only an escape that does not fit is carried over.
	low := rest((octets-1)/qpColumns+1, addTimes(lines, 1, 1))
	high := (octets - 1) / (qpColumns - 2)
	return addTimes(size, low, 1+lineEnd(eol)), addTimes(size, high, 1+lineEnd(eol))
}
