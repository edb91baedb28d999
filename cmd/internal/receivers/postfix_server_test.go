//go:build linux

package receivers_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/testpostfix"
)

// postfix is a Postfix with several daemons that take mail by SMTP, each on a port of its own on 127.0.0.1.
type postfix struct {
	*testpostfix.Server
	ports map[postfixService]int
}

// postfixService names one smtpd with a message size limit of its own, so that no reload is needed between limits.
type postfixService struct {
	limit int64
	// cleanup applies the limit to the queue file too, as an installed Postfix does.
	cleanup bool
}

func (s postfixService) String() string {
	return fmt.Sprintf("limit %d, cleanup %v", s.limit, s.cleanup)
}

// settings of a Postfix that takes mail as fast as the test sends it, and discards it.
var settings = []string{
	"mynetworks = 127.0.0.0/8",
	"default_transport = discard:",
	"smtpd_recipient_restrictions = permit_mynetworks, reject",
	"smtpd_client_connection_count_limit = 0",
	"smtpd_peername_lookup = no",
	"smtpd_error_sleep_time = 0",
	"smtpd_soft_error_limit = 100000",
	"smtpd_hard_error_limit = 100000",
}

// startPostfix starts it and stops it at the end of the test. Mail that it accepts is discarded.
func startPostfix(t *testing.T, services []postfixService) *postfix {
	t.Helper()
	return startExtended(t, services, nil)
}

// startExtended is startPostfix with more in the configuration, which extend, if it is not nil, gives for the directories of p.
func startExtended(t *testing.T, services []postfixService, extend func(p *postfix) (main, table []string, err error)) *postfix {
	t.Helper()
	var err error
	for range 3 { // a port may be taken between the look for it and Postfix's use of it
		p := &postfix{Server: testpostfix.New(t), ports: make(map[postfixService]int)}
		if err = p.start(services, extend); err == nil {
			return p
		}
	}
	t.Fatal(err)
	return nil
}

func (p *postfix) start(services []postfixService, extend func(p *postfix) (main, table []string, err error)) error {
	main := slices.Clone(settings)
	table := []string{
		"nolimit unix n - n - 0 cleanup -o message_size_limit=0",
		"discard unix - - n - - discard",
		"anvil unix - - n - 1 anvil",
	}
	ports, err := freePorts(len(services))
	if err != nil {
		return err
	}
	for i, s := range services {
		port := ports[i]
		p.ports[s] = port
		cleanup := "nolimit"
		if s.cleanup {
			cleanup = fmt.Sprintf("cleanup%d", s.limit)
			table = append(table, fmt.Sprintf("%s unix n - n - 0 cleanup -o message_size_limit=%d", cleanup, s.limit))
		}
		table = append(table, fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd -o message_size_limit=%d -o cleanup_service_name=%s",
			port, s.limit, cleanup))
	}
	if extend != nil {
		m, t, err := extend(p)
		if err != nil {
			return err
		}
		main, table = append(main, m...), append(table, t...)
	}
	if err := p.Configure(main, table); err != nil {
		return err
	}
	var addresses []string
	for _, port := range p.ports {
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
	}
	return p.Launch(addresses...)
}

// freePorts finds n ports of 127.0.0.1 that nothing listens on.
func freePorts(n int) (ports []int, err error) {
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close() // at the end, so that no port is found twice
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// smtpClient speaks the little SMTP that the test needs. It sends what it is given, right or wrong, as net/smtp would not.
type smtpClient struct {
	conn net.Conn
	text *textproto.Reader
	size int64 // that the server announced
}

// dial connects to s and greets it.
func (p *postfix) dial(s postfixService) (*smtpClient, error) {
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.ports[s])))
	if err != nil {
		return nil, err
	}
	c := &smtpClient{conn: conn, text: textproto.NewReader(bufio.NewReader(conn))}
	if _, _, err := c.text.ReadResponse(220); err != nil {
		return nil, err
	}
	code, text, err := c.cmd("EHLO client.example.com")
	if err := want("250 ")(code, text, err); err != nil {
		return nil, fmt.Errorf("EHLO: %w", err)
	}
	for line := range strings.Lines(text) {
		if size, ok := strings.CutPrefix(strings.TrimSpace(line), "SIZE "); ok {
			if c.size, err = strconv.ParseInt(size, 10, 64); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// cmd sends a line and gives the reply.
func (c *smtpClient) cmd(line string) (code int, text string, err error) {
	if _, err := c.conn.Write([]byte(line + "\r\n")); err != nil {
		return 0, "", err
	}
	return c.text.ReadResponse(0)
}

// mail begins a transaction, announcing size if it is not negative.
func (c *smtpClient) mail(size int64) (code int, text string, err error) {
	line := "MAIL FROM:<alice@example.com>"
	if size >= 0 {
		line += fmt.Sprintf(" SIZE=%d", size)
	}
	return c.cmd(line)
}

// data sends a message in the form it has on the wire, dots not yet stuffed, and gives the reply to its end.
func (c *smtpClient) data(wire []byte) (code int, text string, err error) {
	if code, text, err := c.cmd("RCPT TO:<bob@example.net>"); err != nil || code != 250 {
		return code, text, err
	}
	if code, text, err := c.cmd("DATA"); err != nil || code != 354 {
		return code, text, err
	}
	stuffed := bytes.ReplaceAll(wire, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(stuffed, []byte(".")) {
		stuffed = append([]byte("."), stuffed...)
	}
	if _, err := c.conn.Write(append(stuffed, ".\r\n"...)); err != nil {
		return 0, "", err
	}
	return c.text.ReadResponse(0)
}

// reset ends a transaction.
func (c *smtpClient) reset() error { return want("250 ")(c.cmd("RSET")) }
