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
	for _, c := range p {
		if q.cr {
			q.cr = false
			if c != '\n' {
				q.escape()
			}
		}
		switch {
		case c == '\r' && !q.Binary:
			q.cr = true
		case c == '\n' && !q.Binary:
			q.endLine()
			q.n += lineEnd(q.EOL)
			q.col = 0
		case c == ' ' || c == '\t':
			q.literal()
			q.blank = true
		case c >= '!' && c <= '~' && c != '=':
			q.literal()
		default:
			q.escape()
		}
	}
	return len(p), nil
}

// Size is the number of octets of the encoding if the input ends here. Writing may go on after it.
func (q *QPCounter) Size() int64 {
	end := *q
	if end.cr {
		end.escape()
	}
	end.endLine()
	return end.n
}

func (q *QPCounter) literal() {
	if q.col >= qpColumns {
		q.softBreak()
	}
	q.n++
	q.col++
	q.blank = false
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
