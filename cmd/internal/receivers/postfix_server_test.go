//go:build linux

package receivers_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// postfix is a Postfix of the test's own, with its own configuration, queue and ports on 127.0.0.1.
type postfix struct {
	dir   string
	ports map[postfixService]int
	// extend, if set, adds to main.cf and master.cf once the directories are there.
	extend func(p *postfix) (main, table []string, err error)
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

// startPostfix starts it and stops it at the end of the test. Mail that it accepts is discarded.
func startPostfix(t *testing.T, services []postfixService) *postfix {
	t.Helper()
	return startExtended(t, services, nil)
}

// startExtended is startPostfix with more in the configuration.
func startExtended(t *testing.T, services []postfixService, extend func(p *postfix) (main, table []string, err error)) *postfix {
	t.Helper()
	needs.Program(t, "postfix")
	master := needs.Program(t, "master")
	needs.Root(t)
	var err error
	for range 3 { // a port may be taken between the look for it and Postfix's use of it
		p := &postfix{dir: shortTempDir(t), ports: make(map[postfixService]int), extend: extend}
		if err = p.start(t, master, services); err == nil {
			return p
		}
	}
	t.Fatal(err)
	return nil
}

// shortTempDir is t.TempDir with a path short enough for the sockets in a Postfix queue.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pf")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (p *postfix) start(t *testing.T, master string, services []postfixService) error {
	t.Helper()
	if err := p.configure(filepath.Dir(master), services); err != nil {
		return err
	}
	var stderr bytes.Buffer
	// -d keeps it in the foreground, -e ends it if the test cannot.
	cmd := exec.Command(master, "-c", filepath.Join(p.dir, "conf"), "-d", "-e", "3600")
	cmd.Stderr = &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	for _, port := range p.ports {
		for {
			conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err == nil {
				conn.Close()
				break
			}
			select {
			case err := <-exited:
				return fmt.Errorf("postfix ended: %w\n%s%s", err, &stderr, p.log())
			case <-time.After(20 * time.Millisecond):
			}
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of Postfix:\n%s", p.log())
		}
		cmd.Process.Signal(syscall.SIGTERM)
		<-exited
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its own session: what outlived the master
	})
	return nil
}

// log is the end of what Postfix logged.
func (p *postfix) log() []byte {
	log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	if n := len(log) - 10_000; n > 0 {
		log = log[n:]
	}
	return log
}

func (p *postfix) configure(daemons string, services []postfixService) error {
	owner, err := user.Lookup("postfix")
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(owner.Uid)
	if err != nil {
		return err
	}
	if err := os.Chmod(p.dir, 0o755); err != nil {
		return err
	}
	mkdir := func(name string, uid int) error {
		name = filepath.Join(p.dir, name)
		if err := os.Mkdir(name, 0o755); err != nil {
			return err
		}
		return os.Chown(name, uid, -1)
	}
	for _, name := range []string{"conf", "queue", "queue/pid"} {
		if err := mkdir(name, 0); err != nil {
			return err
		}
	}
	for _, name := range []string{"data", "queue/active", "queue/bounce", "queue/corrupt", "queue/defer", "queue/deferred",
		"queue/flush", "queue/hold", "queue/incoming", "queue/maildrop", "queue/private", "queue/public", "queue/saved",
		"queue/trace"} {
		if err := mkdir(name, uid); err != nil {
			return err
		}
	}
	main := []string{
		"compatibility_level = 3.6",
		"queue_directory = " + filepath.Join(p.dir, "queue"),
		"data_directory = " + filepath.Join(p.dir, "data"),
		"daemon_directory = " + daemons,
		"maillog_file = " + filepath.Join(p.dir, "log"),
		"maillog_file_prefixes = " + p.dir,
		"myhostname = mx.example.com",
		"mydestination =",
		"mynetworks = 127.0.0.0/8",
		"inet_interfaces = loopback-only",
		"inet_protocols = ipv4",
		"default_transport = discard:",
		"smtpd_recipient_restrictions = permit_mynetworks, reject",
		"smtpd_client_connection_count_limit = 0",
		"smtpd_peername_lookup = no",
		"smtpd_error_sleep_time = 0",
		"smtpd_soft_error_limit = 100000",
		"smtpd_hard_error_limit = 100000",
		"alias_maps =",
		"alias_database =",
		"local_recipient_maps =",
	}
	table := []string{
		"rewrite unix - - n - - trivial-rewrite",
		"cleanup unix n - n - 0 cleanup",
		"nolimit unix n - n - 0 cleanup -o message_size_limit=0",
		"qmgr unix n - n 300 1 qmgr",
		"bounce unix - - n - 0 bounce",
		"defer unix - - n - 0 bounce",
		"trace unix - - n - 0 bounce",
		"discard unix - - n - - discard",
		"error unix - - n - - error",
		"retry unix - - n - - error",
		"anvil unix - - n - 1 anvil",
		"proxymap unix - - n - - proxymap",
		"scache unix - - n - 1 scache",
		"postlog unix-dgram n - n - 1 postlogd",
	}
	for _, s := range services {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer listener.Close() // at the end, so that no port is found twice
		port := listener.Addr().(*net.TCPAddr).Port
		p.ports[s] = port
		cleanup := "nolimit"
		if s.cleanup {
			cleanup = fmt.Sprintf("cleanup%d", s.limit)
			table = append(table, fmt.Sprintf("%s unix n - n - 0 cleanup -o message_size_limit=%d", cleanup, s.limit))
		}
		table = append(table, fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd -o message_size_limit=%d -o cleanup_service_name=%s",
			port, s.limit, cleanup))
	}
	if p.extend != nil {
		m, t, err := p.extend(p)
		if err != nil {
			return err
		}
		main, table = append(main, m...), append(table, t...)
	}
	for name, lines := range map[string][]string{"main.cf": main, "master.cf": table} {
		if err := os.WriteFile(filepath.Join(p.dir, "conf", name), []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
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
