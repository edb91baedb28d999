package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// guard watches what a decoder gives.
type guard struct {
	r            io.Reader
	format, tool string
	in           func() int64 // octets that went in
	root         func() int64 // octets of the outer file
	ratio        int64
	out          int64
	err          error
}

func (g *guard) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	g.out += int64(n)
	switch {
	case g.ratio >= 0 && g.out > freeBytes && (g.out/g.ratio > g.in() || g.out/g.ratio > g.root()):
		g.err = &packError{
			id:   ErrRatio,
			err:  fmt.Errorf("unpacks to more than %d times its size (%s after %s)", g.ratio, sizeText(g.out), sizeText(min(g.in(), g.root()))),
			hint: "if it is no bomb, unpack it first or raise the limit (--archive-limit)",
		}
	case err == io.EOF:
		g.err = io.EOF
	case err != nil:
		g.err = classify(g.format, g.tool, err)
	}
	return n, g.err
}

// counter counts what is read through it.
type counter struct {
	r   io.Reader
	n   int64
	add func(int64)
	// zeros is how many zeros came last, as far as they came in reads of nothing else. A tar archive ends with them.
	zeros int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	switch {
	case n == 0:
	case p[0] == 0 && !bytes.ContainsFunc(p[:n], func(r rune) bool { return r != 0 }):
		c.zeros += int64(n)
	default:
		c.zeros = 0
	}
	if c.add != nil {
		c.add(int64(n))
	}
	return n, err
}

// Seek lets archive/tar pass members in a file without reading them.
func (c *counter) Seek(offset int64, whence int) (int64, error) {
	if s, ok := c.r.(io.Seeker); ok {
		return s.Seek(offset, whence)
	}
	return 0, errors.ErrUnsupported
}

func (c *counter) count() int64 { return c.n }
