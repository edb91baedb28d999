package mimesize

import "bytes"

// qpState counts what a quoted-printable body decodes to, without decoding it (RFC 2045 section 6.7). White space at the end of
// a line was added in transit and is not counted; "=" that begins no code stays as it is.
type qpState struct {
	decoded int64 // octets, line ends as stored
	crlf    int64 // line ends among them that are CRLF
	pending eol   // the last hard line end: it counts only if something follows
	blanks  int64 // white space met last
	escape  uint8 // 1 after "=", 2 after "=" and a hexadecimal digit, 3 after "=" and blanks
}

func (q *qpState) flush() {
	q.decoded += q.pending.stored()
	if q.pending == eolCRLF {
		q.crlf++
	}
	q.pending = noEOL
}

func (q *qpState) write(s *Scanner, text []byte, off int64) {
	if len(text) == 0 {
		return
	}
	q.flush()
	bad := int64(0)
	for len(text) > 0 {
		c := text[0]
		switch q.escape {
		case 0:
			text = q.plain(text)
			continue
		case 1:
			switch {
			case isHex(c):
				q.escape = 2
			case c == ' ' || c == '\t':
				q.escape, q.blanks = 3, 1
			default:
				q.decoded++
				q.escape = 0
				bad++
				continue
			}
		case 2:
			q.escape = 0
			q.decoded++
			if !isHex(c) {
				q.decoded++
				bad++
				continue
			}
		case 3:
			if c != ' ' && c != '\t' {
				q.decoded += 1 + q.blanks
				q.escape, q.blanks = 0, 0
				bad++
				continue
			}
			q.blanks++
		}
		text = text[1:]
	}
	if bad > 0 {
		s.problems(kQPSyntax, s.cur, off, s.line, bad, nil)
	}
}

// plain counts what stands before the next "=" that begins no code, and returns what stands after it.
func (q *qpState) plain(text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '=')
		if i < 0 {
			break
		}
		q.decoded += q.blanks + int64(i)
		q.blanks = 0
		if i+2 >= len(text) || !hexDigit[text[i+1]] || !hexDigit[text[i+2]] {
			q.escape = 1
			return text[i+1:]
		}
		q.decoded++
		text = text[i+3:]
	}
	kept := len(text)
	for kept > 0 && (text[kept-1] == ' ' || text[kept-1] == '\t') {
		kept--
	}
	if kept > 0 {
		q.decoded += q.blanks + int64(kept)
		q.blanks = 0
	}
	q.blanks += int64(len(text) - kept)
	return nil
}

// hexDigit tells of an octet whether it is one.
var hexDigit = func() (t [256]bool) {
	for i := range t {
		t[i] = isHex(byte(i))
	}
	return t
}()

// endLine ends a line: softly after "=", else hard.
func (q *qpState) endLine(s *Scanner, e eol, off int64) {
	q.flush()
	escape, blanks := q.escape, q.blanks
	q.escape, q.blanks = 0, 0
	switch {
	case escape == 1 || escape == 3:
		return
	case escape == 2:
		q.decoded += 2
		s.problem(kQPSyntax, s.cur, off, s.line, nil)
	case blanks > 0:
		s.problem(kQPTrailing, s.cur, off, s.line, nil)
	}
	q.pending = e
}

// finish gives the decoded octets with line ends as stored, and with each as one octet. boundary tells that the last line end
// belongs to a boundary line.
func (q *qpState) finish(boundary bool) (stored, lf int64) {
	if !boundary {
		q.flush()
	}
	return q.decoded, q.decoded - q.crlf
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f'
}
