//go:build linux

package testpostfix

import (
	"bufio"
	"bytes"
	"net"
	"strings"
	"sync"
)

// Delivery is a message as the last server got it.
type Delivery struct {
	From string
	To   []string
	// Data is the message with LF line ends, the dots as they were before they were stuffed.
	Data []byte
}

// Message is the delivered message without the Received field that Postfix has put before it.
func (d Delivery) Message() []byte {
	m := d.Data
	if !bytes.HasPrefix(m, []byte("Received:")) {
		return m
	}
	for {
		i := bytes.IndexByte(m, '\n')
		if i < 0 {
			return nil
		}
		if m = m[i+1:]; len(m) == 0 || m[0] != ' ' && m[0] != '\t' {
			return m
		}
	}
}

// Sink is a mail server that takes everything.
type Sink struct {
	listener net.Listener
	mu       sync.Mutex
	more     *sync.Cond
	got      []Delivery
}

func newSink() (*Sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Sink{listener: l}
	s.more = sync.NewCond(&s.mu)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s, nil
}

func (s *Sink) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *Sink) close() { s.listener.Close() }

// Wait waits until there are n deliveries, and gives all that there are. A test that waits for ever is ended by its deadline.
func (s *Sink) Wait(n int) []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.got) < n {
		s.more.Wait()
	}
	return append([]Delivery(nil), s.got...)
}

func (s *Sink) serve(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	say := func(text string) bool { _, err := c.Write([]byte(text + "\r\n")); return err == nil }
	path := func(line string) string {
		_, rest, _ := strings.Cut(line, "<")
		i := strings.LastIndexByte(rest, '>')
		return rest[:max(i, 0)]
	}
	say("220 sink.example.com ESMTP")
	var d Delivery
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb := strings.ToUpper(line[:min(len(line), 4)])
		switch verb {
		case "EHLO":
			say("250-sink.example.com\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8")
			continue
		case "MAIL":
			d = Delivery{From: path(line)}
		case "RCPT":
			d.To = append(d.To, path(line))
		case "DATA":
			say("354 go on")
			var b bytes.Buffer
			for {
				l, err := r.ReadBytes('\n')
				if err != nil {
					return
				}
				if string(l) == ".\r\n" {
					break
				}
				l = bytes.TrimPrefix(l, []byte("."))
				if n := len(l); n > 1 && l[n-2] == '\r' {
					l = append(l[:n-2], '\n')
				}
				b.Write(l)
			}
			d.Data = b.Bytes()
			s.mu.Lock()
			s.got = append(s.got, d)
			s.more.Broadcast()
			s.mu.Unlock()
		case "QUIT":
			say("221 bye")
			return
		}
		if !say("250 2.0.0 ok") {
			return
		}
	}
}
