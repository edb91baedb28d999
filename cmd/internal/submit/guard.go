package submit

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"time"
)

// maxReply bounds the octets of one reply with all its lines. The longest that servers send are those to EHLO, of some hundred.
const maxReply = 64 << 10

var (
	errOutOfTurn = errors.New("the server spoke out of turn")
	errLongReply = errors.New("the server's reply has no end")
)

// guard stands between go-smtp's client and the connection. It hands on one line at a time, so that what the server sent
// beyond a reply stays here, where it is seen: after STARTTLS that is text which somebody injected, before a command it is an
// answer to a question that nobody asked, and either ends the session. It also bounds the length of replies, which
// textproto does not.
type guard struct {
	net.Conn
	in    *bufio.Reader
	spare []byte // rest of the line that is being handed on
	left  int    // octets that the reply may still have
	// spoken tells that something was said to the server, or that its greeting is not awaited.
	spoken bool
	// authenticating keeps the client from sending "*" after a refused login, and from waiting for what is said to that.
	authenticating bool
}

func newGuard(c net.Conn) *guard {
	return &guard{Conn: c, in: bufio.NewReaderSize(c, 4<<10), left: maxReply}
}

// Read gives at most one line.
func (g *guard) Read(p []byte) (int, error) {
	if len(g.spare) == 0 {
		line, err := g.in.ReadSlice('\n')
		if len(line) == 0 && err != nil {
			return 0, err
		}
		if g.left -= len(line); g.left < 0 {
			return 0, errLongReply
		}
		g.spare = line
	}
	n := copy(p, g.spare)
	g.spare = g.spare[n:]
	return n, nil
}

// Write sends a command.
func (g *guard) Write(p []byte) (int, error) {
	if g.early() {
		return 0, errOutOfTurn
	}
	if g.authenticating && string(p) == "*\r\n" {
		return 0, net.ErrClosed
	}
	g.left, g.spoken = maxReply, true
	return g.Conn.Write(p)
}

// early tells that the server has sent more than the reply that was read.
func (g *guard) early() bool { return len(g.spare)+g.in.Buffered() > 0 }

// greeted makes the next thing that is read a greeting, which a server does not repeat after STARTTLS and which go-smtp's
// client waits for.
func (g *guard) greeted() { g.spare, g.spoken = []byte("220 .\r\n"), true }

// waiting is the first line of what the server has sent too much.
func (g *guard) waiting() string {
	rest, _ := g.in.Peek(g.in.Buffered())
	line, _, _ := strings.Cut(string(g.spare)+string(rest), "\n")
	return strings.TrimSpace(line)
}

func soon(d time.Duration) time.Time { return time.Now().Add(d) }
