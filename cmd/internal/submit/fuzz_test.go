package submit

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/quote"
)

// script is a connection on which a server says one piece of a text after each thing that it is told.
type script struct {
	mu      sync.Mutex
	ready   *sync.Cond
	pieces  []string
	in      []byte
	out     bytes.Buffer
	waiting bool // a deadline is set: the client wants an answer
	closed  bool
}

func newScript(text string) *script {
	c := &script{pieces: strings.Split(text, "\x00")}
	c.ready = sync.NewCond(&c.mu)
	return c
}

func (c *script) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.in) == 0 {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case !c.waiting:
			c.ready.Wait()
		case len(c.pieces) == 0:
			return 0, io.EOF
		default:
			c.in, c.pieces = []byte(c.pieces[0]), c.pieces[1:]
		}
	}
	n := copy(p, c.in)
	c.in = c.in[n:]
	return n, nil
}

func (c *script) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	return c.out.Write(p)
}

func (c *script) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.ready.Broadcast()
	return nil
}

func (c *script) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = !t.IsZero()
	c.ready.Broadcast()
	return nil
}

func (c *script) SetReadDeadline(time.Time) error  { return nil }
func (c *script) SetWriteDeadline(time.Time) error { return nil }
func (c *script) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
func (c *script) RemoteAddr() net.Addr             { return c.LocalAddr() }

// written is what the client has sent.
func (c *script) written() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.String()
}

// FuzzReplies has a server say anything. Whatever it is, the client ends, keeps the password to itself, and knows whether the
// message may have been taken.
func FuzzReplies(f *testing.F) {
	const ehlo = "220 hello\r\n\x00250-me\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250 AUTH "
	const after = "\x00235 ok\r\n\x00250 ok\r\n\x00250 ok\r\n\x00250 ok\r\n\x00354 go\r\n"
	for _, text := range []string{
		ehlo + "PLAIN\r\n" + after + "\x00250 2.0.0 taken\r\n\x00221 bye\r\n",
		ehlo + "LOGIN\r\n\x00334 UGFzc3dvcmQ6\r\n" + after + "\x00250-2.0.0 a\r\n250 2.0.0 b\r\n",
		ehlo + "PLAIN\r\n" + after + "\x00550 5.7.1 no\r\n",
		ehlo + "PLAIN\r\n" + after,
		ehlo + "PLAIN\r\n" + after + "250 early\r\n",
		ehlo + "PLAIN\r\n\x00535 5.7.8 swordfish is wrong\r\n",
		ehlo + "PLAIN\r\n\x00235 ok\r\n\x00250 ok\r\n\x00450 4.2.0 \x1b[2J\r\n\x00550 no\r\n",
		ehlo + "PLAIN\r\n\x00235 ok\r\n250 ok\r\n\x00354 ok\r\n",
		"554 5.3.2 go\r\n", "220-", "220 \r\n\x00500 what\r\n\x00250 ok\r\n", "421 \r\n", "",
		"220 hi\r\n\x00" + strings.Repeat("250-x\r\n", 3000), "220 hi\r\n\x00250 " + strings.Repeat("y", 5000),
	} {
		f.Add(text)
	}
	msg := []byte("Subject: x\r\n\r\n.a\r\n\xc3\xbc\r\n")
	secret := "swordfish"
	rcpts := []string{"bob@example.net", "carol@example.net"}
	f.Fuzz(func(t *testing.T, text string) {
		conn := newScript(text)
		o, bad := Options{Host: "smtp.example.com", User: "alice", LocalName: "client.example.com",
			Password: func(context.Context) (string, error) { return secret, nil }}.ready()
		if bad != nil {
			t.Fatal(bad)
		}
		s := &session{o: o, ctx: t.Context(), raw: conn, conn: conn, total: time.NewTimer(time.Hour), stop: func() bool { return true }}
		s.attach()
		what, err := inspect(bytes.NewReader(msg), int64(len(msg)))
		if err != nil {
			t.Fatal(err)
		}
		var reply Reply
		e := s.hello()
		if e == nil {
			reply, e = s.deliver(what, "alice@example.com", rcpts, bytes.NewReader(msg), int64(len(msg)))
		}
		s.close()
		sent := conn.written()
		_, body, started := strings.Cut(sent, "\r\nDATA\r\n")
		whole := started && strings.HasPrefix(body, "Subject: x\r\n\r\n..a\r\n\xc3\xbc\r\n.\r\n")
		if e == nil {
			if !whole || reply.Code/100 != 2 || reply.Text != quote.Text(reply.Text) {
				t.Fatalf("taken: %+v, but %q was sent", reply, sent)
			}
			return
		}
		if e.Kind == Uncertain && !whole || e.Kind != Uncertain && e.Phase != "end of data" && whole {
			t.Fatalf("%s in phase %s after %q", e.Kind, e.Phase, sent)
		}
		if len(e.Refused) > 0 && started {
			t.Fatalf("DATA after refusals: %v", e)
		}
		all := e.Error()
		for _, r := range e.Refused {
			all += r.Text + r.Enhanced + r.Recipient
		}
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("\x00alice\x00" + secret))} {
			// Before it has logged in nobody can have the password from us.
			if strings.Contains(sent, "AUTH") && strings.Contains(all, form) {
				t.Fatalf("the password is in %q", all)
			}
		}
		if all != quote.Text(all) || len(all) > 8000 {
			t.Fatalf("not fit to print: %q", all)
		}
	})
}
