package mailbox

import (
	"bytes"
	"errors"
	"io"
)

// unquoter takes the marks of quoting from what in gives, which begins with a line.
type unquoter struct {
	in      io.Reader
	quoting Quoting
	buf     []byte
	n       int // octets in buf
	out     int // that have been given away
	ready   int // that may be given away
	mid     bool
	err     error
}

func (u *unquoter) Read(p []byte) (int, error) {
	for u.out == u.ready {
		if u.err != nil && u.ready == u.n {
			return 0, u.err
		}
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.buf[u.out:u.ready])
	u.out += n
	return n, nil
}

// fill reads on, and takes the marks out of the lines that can be seen whole as far as it matters.
func (u *unquoter) fill() error {
	if u.buf == nil {
		u.buf = make([]byte, 64<<10)
	}
	u.n = copy(u.buf, u.buf[u.ready:u.n])
	u.out, u.ready = 0, 0
	for u.n < len(u.buf) && u.err == nil {
		var k int
		k, u.err = u.in.Read(u.buf[u.n:])
		u.n += k
	}
	if u.err != nil && !errors.Is(u.err, io.EOF) {
		return u.err
	}
	limit := u.n
	if u.err == nil {
		limit -= ahead
	}
	to, i := 0, 0
	for i < limit {
		if !u.mid && u.quoting.isQuoted(u.buf[i:u.n]) {
			i++
		}
		end, found := limit, false
		if n := bytes.IndexByte(u.buf[i:limit], '\n'); n >= 0 {
			end, found = i+n+1, true
		}
		to += copy(u.buf[to:], u.buf[i:end])
		i, u.mid = end, !found
	}
	rest := copy(u.buf[to:], u.buf[i:u.n])
	u.ready, u.n = to, to+rest
	return nil
}
