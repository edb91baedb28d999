// Package fakeserver is a submission server for tests, on loopback. It does what a script tells it, right or wrong, and
// remembers what it saw: so a test can say what a client did to a server that lies, hangs or breaks off.
package fakeserver

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// Action is what the server does in place of its ordinary answer to a verb. It tells whether the session goes on.
type Action func(c *Conn, arg string) bool

// Script is how a server behaves. The zero value takes every message by implicit TLS, with PLAIN.
type Script struct {
	// StartTLS makes the server begin in the clear.
	StartTLS bool
	// Plain are the lines of the answer to EHLO before TLS, Extensions those after it. Nil is the ordinary ones.
	Plain, Extensions []string
	// On has actions by verb: CONNECT, EHLO, STARTTLS, AUTH, PASSWORD (the answer to a challenge), MAIL, RCPT, DATA, BODY (once
	// the message begins to arrive), END (after the final dot) and QUIT.
	On map[string]Action
	// TLS is the server's configuration.
	TLS *tls.Config
}

// Message is one that arrived up to its final dot.
type Message struct {
	From string // as it stands between < and >
	To   []string
	Data []byte // dots taken away
	// Accepted tells that the server has said 250.
	Accepted bool
	// Parameters is what stood after MAIL FROM:<...>.
	Parameters string
}

// Seen is what a server saw, of all connections.
type Seen struct {
	Connections int
	Clear       []byte   // all octets that came without TLS
	Commands    []string // the verbs, and AUTH with what stands after it
	Secrets     []string // what was sent for AUTH
	Messages    []Message
	Body        []byte // the octets after DATA of a message that did not end
}

// Server is one that runs.
type Server struct {
	Addr   string
	script Script
	l      net.Listener
	wg     sync.WaitGroup
	mu     sync.Mutex
	seen   Seen
	conns  map[net.Conn]bool
	closed bool
	done   chan struct{}
}

// Start starts a server on a free port of 127.0.0.1.
func Start(s Script) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := &Server{Addr: l.Addr().String(), script: s, l: l, conns: map[net.Conn]bool{}, done: make(chan struct{})}
	srv.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			srv.mu.Lock()
			srv.seen.Connections++
			srv.conns[conn] = true
			if srv.closed {
				conn.Close()
			}
			srv.mu.Unlock()
			srv.wg.Go(func() { srv.serve(conn) })
		}
	})
	return srv, nil
}

// Port is the port of Addr.
func (s *Server) Port() int { return s.l.Addr().(*net.TCPAddr).Port }

// Stop ends the server and tells what it saw. What clients have sent is read to its end first; one that does not close its
// connection is waited for half a minute.
func (s *Server) Stop() Seen {
	s.l.Close()
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	for c := range s.conns {
		c.SetDeadline(time.Now().Add(30 * time.Second))
	}
	s.mu.Unlock()
	s.wg.Wait()
	return s.seen
}

// Conn is a session.
type Conn struct {
	Raw    *net.TCPConn
	Net    net.Conn // with TLS once that has begun
	In     *bufio.Reader
	server *Server
	msg    Message
}

func (s *Server) serve(raw net.Conn) {
	c := &Conn{Raw: raw.(*net.TCPConn), server: s}
	defer raw.Close()
	c.use(&tap{Conn: raw, s: s})
	if !s.script.StartTLS && !c.tls() {
		return
	}
	if !c.do("CONNECT", "", "220 fake.example.com ESMTP") {
		return
	}
	for {
		line, err := c.In.ReadString('\n')
		if err != nil {
			return
		}
		if !c.command(strings.TrimRight(line, "\r\n")) {
			return
		}
	}
}

func (c *Conn) use(n net.Conn) { c.Net, c.In = n, bufio.NewReader(n) }

func (c *Conn) tls() bool {
	conn := tls.Server(c.Net, c.server.script.TLS)
	if conn.Handshake() != nil {
		return false
	}
	c.Net.(*tap).secret = true
	c.use(conn)
	return true
}

func (c *Conn) encrypted() bool { _, ok := c.Net.(*tls.Conn); return ok }

// do runs the action of a verb, or else says what is usual.
func (c *Conn) do(verb, arg, usual string) bool {
	if a := c.server.script.On[verb]; a != nil {
		return a(c, arg)
	}
	return c.Say(usual)
}

// Say sends lines.
func (c *Conn) Say(lines ...string) bool {
	_, err := io.WriteString(c.Net, strings.Join(lines, "\r\n")+"\r\n")
	return err == nil
}

func (c *Conn) note(f func(*Seen)) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	f(&c.server.seen)
}

func (c *Conn) command(line string) bool {
	verb, arg, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	c.note(func(s *Seen) { s.Commands = append(s.Commands, line) })
	switch verb {
	case "EHLO":
		ext := c.server.script.Extensions
		if ext == nil {
			ext = []string{"8BITMIME", "SMTPUTF8", "SIZE 41943040", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"}
		}
		if !c.encrypted() {
			if ext = c.server.script.Plain; ext == nil {
				ext = []string{"8BITMIME", "STARTTLS"}
			}
		}
		return c.do(verb, arg, Multi(250, append([]string{"fake.example.com"}, ext...)...))
	case "STARTTLS":
		if !c.do(verb, arg, "220 2.0.0 go on") {
			return false
		}
		return c.tls()
	case "AUTH":
		return c.auth(arg)
	case "MAIL":
		address, rest, _ := strings.Cut(strings.TrimPrefix(arg, "FROM:<"), ">")
		c.msg = Message{From: address, Parameters: strings.TrimSpace(rest)}
		return c.do(verb, arg, "250 2.1.0 ok")
	case "RCPT":
		address, _, _ := strings.Cut(strings.TrimPrefix(arg, "TO:<"), ">")
		c.msg.To = append(c.msg.To, address)
		return c.do(verb, address, "250 2.1.5 ok")
	case "DATA":
		if a := c.server.script.On[verb]; a != nil {
			return a(c, arg)
		}
		return c.Say("354 go on") && c.Body()
	case "QUIT":
		c.do(verb, arg, "221 2.0.0 bye")
		return false
	}
	return c.Say("500 5.5.1 what?")
}

func (c *Conn) auth(arg string) bool {
	c.note(func(s *Seen) { s.Secrets = append(s.Secrets, arg) })
	if c.server.script.On["AUTH"] == nil && strings.HasPrefix(arg, "LOGIN") {
		if !c.Say("334 UGFzc3dvcmQ6") { // Password:
			return false
		}
		line, err := c.In.ReadString('\n')
		if err != nil {
			return false
		}
		c.note(func(s *Seen) { s.Secrets = append(s.Secrets, strings.TrimSpace(line)) })
		return c.do("PASSWORD", line, "235 2.7.0 welcome")
	}
	return c.do("AUTH", arg, "235 2.7.0 welcome")
}

// Body reads a message and answers it.
func (c *Conn) Body() bool {
	if a := c.server.script.On["BODY"]; a != nil && !a(c, "") {
		return false
	}
	var data []byte
	for {
		line, err := c.In.ReadBytes('\n')
		if err != nil {
			c.note(func(s *Seen) { s.Body = append(append(s.Body, data...), line...) })
			return false
		}
		if bytes.Equal(line, []byte(".\r\n")) {
			break
		}
		if line[0] == '.' {
			line = line[1:]
		}
		data = append(data, line...)
	}
	c.msg.Data = data
	index := 0
	c.note(func(s *Seen) {
		index = len(s.Messages)
		s.Messages = append(s.Messages, c.msg)
	})
	if a := c.server.script.On["END"]; a != nil {
		return a(c, "")
	}
	c.note(func(s *Seen) { s.Messages[index].Accepted = true })
	return c.Say("250 2.0.0 taken as 4711")
}

// Multi makes a reply of several lines.
func Multi(code int, lines ...string) string {
	var b strings.Builder
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(itoa(code) + sep + l)
	}
	return b.String()
}

func itoa(code int) string {
	return string([]byte{byte('0' + code/100), byte('0' + code/10%10), byte('0' + code%10)})
}

// tap remembers what goes over a connection in the clear.
type tap struct {
	net.Conn
	s      *Server
	secret bool // TLS has begun
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	// What follows a ClientHello is none of the client's text, but that it is not is what tests want to know.
	if !t.secret {
		t.s.mu.Lock()
		t.s.seen.Clear = append(t.s.seen.Clear, p[:n]...)
		t.s.mu.Unlock()
	}
	return n, err
}
