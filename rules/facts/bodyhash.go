package facts

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// bodyHash hashes a body in its canonical form. Line ends may be CRLF or LF, as the message is stored; on the wire they are CRLF.
type bodyHash struct {
	bodyHashKind
	h       hash.Hash
	of      bool   // h is SHA-1
	out     []byte // what is to be hashed next
	result  []byte // the hash
	left    int64  // octets that may still be hashed, if limit is not -1
	empty   int64  // line ends that wait for text behind them: those at the end do not count
	cr      bool   // the last octet was CR
	blank   bool   // relaxed: blanks that wait for text behind them
	content bool   // there was any text
}

// hashedAtOnce is how many octets are gathered before they are hashed.
const hashedAtOnce = 8 << 10

// begin begins with a body.
func (b *bodyHash) begin(kind bodyHashKind) {
	h, of, out, result := b.h, b.of, b.out, b.result
	switch {
	case h != nil && of == kind.sha1:
		h.Reset()
	case kind.sha1:
		h = sha1.New()
	default:
		h = sha256.New()
	}
	if out == nil {
		out = make([]byte, 0, hashedAtOnce)
	}
	*b = bodyHash{bodyHashKind: kind, h: h, of: kind.sha1, out: out[:0], result: result, left: kind.limit}
}

// write takes the next octets of the body. Most lines are hashed as they are: what has to be looked at is searched for in all that
// is there, and lines in front of it are taken whole.
func (b *bodyHash) write(p []byte) {
	if b.limit >= 0 && b.left == 0 {
		return // nothing more is hashed
	}
	cr, tab, space := -1, -1, -1 // the next of each, from at on
	for at := 0; at < len(p); {
		if !b.cr && !b.blank {
			cr = nextOctet(p, '\r', at, cr)
			stop := cr
			if b.relaxed {
				tab, space = nextOctet(p, '\t', at, tab), nextOctet(p, ' ', at, space)
				stop = min(stop, tab, space)
			}
			if stop-at > severalLines {
				if at += b.lines(p[at:stop]); at == len(p) {
					return
				}
			}
		}
		end := bytes.IndexByte(p[at:], '\n')
		if end < 0 {
			b.line(p[at:])
			return
		}
		end += at
		line := p[at:end]
		crlf := len(line) > 0 && line[len(line)-1] == '\r'
		if crlf {
			line = line[:len(line)-1]
		}
		cr = nextOctet(p, '\r', at, cr)
		asItIs := cr >= at+len(line) && !b.cr && !b.blank
		inOut := asItIs && len(line) < hashedAtOnce-2
		if asItIs && b.relaxed {
			tab, space = nextOctet(p, '\t', at, tab), nextOctet(p, ' ', at, space)
			asItIs = tab >= end && (space >= end || singleBlanks(line))
		}
		switch {
		case !asItIs && inOut:
			b.compact(line)
		case !asItIs:
			b.line(line)
			if crlf {
				b.stray() // another CR before that of the line end
			}
			b.cr, b.blank = false, false
		case len(line) > 0:
			b.run(line)
		}
		b.empty++
		at = end + 1
	}
}

// severalLines is how many octets hold more than one line, nearly always (RFC 2045 section 6.7 and 6.8 have 76 octets for the most of one).
const severalLines = 160

// lines takes the whole lines at the start of p, which holds nothing that has to be looked at, and gives their length. What has an
// attachment is nearly all of this kind.
func (b *bodyHash) lines(p []byte) (n int) {
	for {
		end := bytes.IndexByte(p[n:], '\n')
		if end < 0 {
			return n
		}
		switch line := p[n : n+end]; {
		case end == 0:
		case b.empty == 1 && end+2 <= cap(b.out)-len(b.out):
			b.out = append(append(b.out, '\r', '\n'), line...)
			b.empty, b.content = 0, true
		default:
			b.run(line)
		}
		b.empty++
		n += end + 1
	}
}

// nextOctet gives where the first c from at on stands in p, len(p) if there is none, if next is not behind at and known for that.
func nextOctet(p []byte, c byte, at, next int) int {
	if next >= at {
		return next
	}
	if i := bytes.IndexByte(p[at:], c); i >= 0 {
		return at + i
	}
	return len(p)
}

// singleBlanks tells whether no two blanks stand side by side in a line, and none at its end.
func singleBlanks(line []byte) bool {
	const blanks = ' ' * ones
	i := 0
	for ; i+8 <= len(line); i += 7 {
		v := binary.LittleEndian.Uint64(line[i:]) ^ blanks
		if blank := ^(v&^highBits + 0x7f*ones | v) & highBits; blank&(blank<<8) != 0 {
			return false
		}
	}
	for ; i+1 < len(line); i++ {
		if line[i] == ' ' && line[i+1] == ' ' {
			return false
		}
	}
	return len(line) == 0 || line[len(line)-1] != ' '
}

// stray takes the CR that turned out to be no part of a line end.
func (b *bodyHash) stray() {
	if b.cr {
		b.cr = false
		b.text('\r')
	}
}

// line takes some octets of one line.
func (b *bodyHash) line(p []byte) {
	for len(p) > 0 {
		if n := b.plain(p); n > 0 {
			b.stray()
			b.run(p[:n])
			p = p[n:]
			continue
		}
		b.stray()
		if p[0] == '\r' {
			b.cr = true
		} else {
			b.blank = true
		}
		p = p[1:]
	}
}

// compact takes a whole line, relaxed, that has no CR and for which there is room in out.
func (b *bodyHash) compact(line []byte) {
	i := 0
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	if i == len(line) {
		return
	}
	b.before(len(line) + 1)
	out, blank := b.out, i > 0
	for _, c := range line[i:] {
		if c == ' ' || c == '\t' {
			blank = true
			continue
		}
		if blank {
			out = append(out, ' ')
			blank = false
		}
		out = append(out, c)
	}
	b.out = out
}

// plain gives how many octets at the start of p are hashed as they are: up to a CR or, relaxed, a blank that is not a single one
// between others.
func (b *bodyHash) plain(p []byte) int {
	for i, c := range p {
		if c == '\r' || b.relaxed && (c == '\t' || c == ' ' && (i == 0 || i+1 == len(p) || p[i+1] == ' ' || p[i+1] == '\t' || p[i+1] == '\r')) {
			return i
		}
	}
	return len(p)
}

// run takes some octets of text that are hashed as they are.
func (b *bodyHash) run(p []byte) {
	b.before(len(p))
	if len(p) > cap(b.out)-len(b.out) {
		b.flush()
		b.hash(p)
		return
	}
	b.out = append(b.out, p...)
}

// text takes one octet of text.
func (b *bodyHash) text(c byte) {
	b.before(1)
	b.out = append(b.out, c)
}

// before takes what waited for text, and makes room for n octets of it, or for as many as there can be.
func (b *bodyHash) before(n int) {
	b.content = true
	for ; b.empty > 0; b.empty-- {
		b.room(2)
		b.out = append(b.out, '\r', '\n')
	}
	b.room(n + 1)
	if b.blank {
		b.blank = false
		b.out = append(b.out, ' ')
	}
}

// room hashes what was gathered if there is no room for n octets more.
func (b *bodyHash) room(n int) {
	if n > cap(b.out)-len(b.out) {
		b.flush()
	}
}

// flush hashes what was gathered.
func (b *bodyHash) flush() {
	b.hash(b.out)
	b.out = b.out[:0]
}

// hash hashes what is canonical, up to the limit.
func (b *bodyHash) hash(p []byte) {
	if b.limit >= 0 {
		p = p[:min(int64(len(p)), b.left)]
		b.left -= int64(len(p))
	}
	b.h.Write(p)
}

// sum appends the hash once all was written.
func (b *bodyHash) sum(to []byte) []byte {
	if b.cr {
		b.text('\r')
	}
	if b.content || !b.relaxed {
		b.room(2)
		b.out = append(b.out, '\r', '\n')
	}
	b.flush()
	return b.h.Sum(to)
}

// beyond tells, once all was hashed, that the limit is beyond the end of the body: such a signature fits no body.
func (b *bodyHash) beyond() bool { return b.left > 0 }
