package submit_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/config"
	"postern/cmd/internal/submit"
	fake "postern/cmd/internal/submit/fakeserver"
)

func failure(t *testing.T, err error) *submit.Error {
	t.Helper()
	var e *submit.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	holdsNoSecret(t, e)
	return e
}

// What cannot be sent is refused before anybody is connected to.
func TestRefusedBeforehand(t *testing.T) {
	const head = "Subject: x\r\n\r\n"
	bob := []string{"bob@example.net"}
	type refusal struct {
		name, msg, from string
		rcpts           []string
		set             func(*submit.Options)
		kind            submit.Kind
		status          string
		exit            int
	}
	list := []refusal{
		{name: "no recipient", msg: head, kind: submit.Usage, status: "5.1.3", exit: 64},
		{name: "empty message", rcpts: bob, kind: submit.Message, status: "5.5.2", exit: 65},
		{name: "another message", msg: head, rcpts: bob, set: func(o *submit.Options) { o.Digest = &[32]byte{} }, kind: submit.Message, status: "5.6.0", exit: 65},
		{name: "no host", msg: head, rcpts: bob, set: func(o *submit.Options) { o.Host = "" }, kind: submit.Setup, status: "4.3.5", exit: 75},
		{name: "no password", msg: head, rcpts: bob, set: func(o *submit.Options) { o.Password = nil }, kind: submit.Setup, status: "4.3.5", exit: 75},
	}
	for _, bad := range []string{"\n", "a\n", "a\nb\r\n", "a\r", "a\rb\r\n", "\r\r\n", "a\r\r\n", "a\x00b\r\n", "a", "\r\n\n.\r\n", "\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r",
		"\r\n.\n", "\r.\r\n", "\r\n\x00.\r\n", strings.Repeat("x", 65535-len(head)) + "\r" + "y\r\n", strings.Repeat("x", 65535-len(head)) + "\n\r\n"} {
		list = append(list, refusal{name: fmt.Sprintf("%.20q", bad), msg: head + bad, rcpts: bob, kind: submit.Message, status: "5.5.2", exit: 65})
	}
	for _, bad := range []string{"", "bob", "@example.net", "bob@", "bob@example.net>", "bob@example.net\r\nDATA", "a b@example.net", "bob@example.net SIZE=1", "a@example.net,b@example.net",
		`"a@example.net`, `"a\`, "b\x00b@example.net", strings.Repeat("a", 250) + "@example.net"} {
		list = append(list, refusal{name: fmt.Sprintf("to %.20q", bad), msg: head, rcpts: []string{"bob@example.net", bad}, kind: submit.Message, status: "5.1.3", exit: 65})
		if bad != "" {
			list = append(list, refusal{name: fmt.Sprintf("from %.20q", bad), msg: head, from: bad, rcpts: bob, kind: submit.Message, status: "5.1.7", exit: 65})
		}
	}
	for _, r := range list {
		t.Run(r.name, func(t *testing.T) {
			dialed := false
			o := submit.Options{Host: host, User: user, Password: func(context.Context) (string, error) { return password, nil },
				Dial: func(context.Context, string, string) (net.Conn, error) { dialed = true; return nil, io.EOF }}
			if r.set != nil {
				r.set(&o)
			}
			_, err := submit.Send(t.Context(), o, r.from, r.rcpts, strings.NewReader(r.msg), int64(len(r.msg)))
			e := failure(t, err)
			if e.Kind != r.kind || e.Enhanced != r.status || e.Sysexit() != r.exit {
				t.Errorf("%s %s, exit %d, want %s %s, %d: %v", e.Kind, e.Enhanced, e.Sysexit(), r.kind, r.status, r.exit, e)
			}
			if dialed {
				t.Error("a server was connected to")
			}
		})
	}
}

// Addresses that look odd and are right get through.
func TestAddresses(t *testing.T) {
	authority, certs := certificates(t)
	srv, o := start(t, fake.Script{}, certs[""], authority)
	rcpts := []string{`"a b"@example.net`, `"a\"b"@example.net`, "a+b=c/d@example.net", "b@[192.0.2.1]", "gr\u00fc\u00dfe@example.net"}
	if _, err := submit.Send(t.Context(), o, "", rcpts, bytes.NewReader(message), int64(len(message))); err != nil {
		t.Fatal(err)
	}
	seen := srv.Stop()
	if m := seen.Messages[0]; m.From != "" || strings.Join(m.To, " ") != strings.Join(rcpts, " ") || !strings.Contains(m.Parameters, "SMTPUTF8") ||
		!strings.Contains(m.Parameters, fmt.Sprintf("SIZE=%d", len(message))) {
		t.Errorf("%+v", m)
	}
}

// changing is a message that is another one when it is read again.
type changing struct {
	first, then []byte
	reads       atomic.Int32
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	data := c.first
	if off == 0 && c.reads.Add(1) > 1 || off > 0 && c.reads.Load() > 1 {
		data = c.then
	}
	return bytes.NewReader(data).ReadAt(p, off)
}

// A message that changes after it was looked at never gets its final dot.
func TestMessageChanges(t *testing.T) {
	authority, certs := certificates(t)
	for name, then := range map[string][]byte{
		"other text":      bytes.Replace(message, []byte("text"), []byte("teXt"), 1),
		"a bare LF":       bytes.Replace(message, []byte("text"), []byte("te\nt"), 1),
		"shorter":         message[:len(message)-6],
		"an end in midst": bytes.Replace(message, []byte("..\r\ntext"), []byte("\r\r\n.\n"), 1),
	} {
		t.Run(name, func(t *testing.T) {
			srv, o := start(t, fake.Script{}, certs[""], authority)
			_, err := submit.Send(t.Context(), o, user, []string{"bob@example.net"}, &changing{first: message, then: then}, int64(len(message)))
			e := failure(t, err)
			if e.Kind == submit.Uncertain || e.Kind == submit.Permanent {
				t.Errorf("%s: %v", e.Kind, e)
			}
			seen := srv.Stop()
			if len(seen.Messages) != 0 {
				t.Errorf("arrived: %+v", seen.Messages)
			}
			if !strings.Contains(strings.Join(seen.Commands, "\n"), "DATA") {
				t.Errorf("the message was not begun: %v", e)
			}
		})
	}
}

// Who cancels learns whether the message may be on its way.
func TestCancel(t *testing.T) {
	authority, certs := certificates(t)
	for verb, want := range map[string]submit.Kind{"CONNECT": submit.Temporary, "AUTH": submit.Temporary, "RCPT": submit.Temporary, "END": submit.Uncertain} {
		t.Run(verb, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			srv, o := start(t, fake.Script{On: on(verb, func(c *fake.Conn, arg string) bool {
				cancel()
				return fake.Hang(c, arg)
			})}, certs[""], authority)
			_, err := submit.Send(ctx, o, user, []string{"bob@example.net"}, bytes.NewReader(message), int64(len(message)))
			srv.Stop()
			if e := failure(t, err); e.Kind != want || !errors.Is(err, context.Canceled) || e.Sysexit() != 75 {
				t.Errorf("%s, want %s: %v", e.Kind, want, e)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	for _, h := range []string{"127.0.0.1", "no-such-host.invalid"} {
		_, err = submit.Send(t.Context(), submit.Options{Host: h, Port: port}, user, []string{"bob@example.net"}, bytes.NewReader(message), int64(len(message)))
		if e := failure(t, err); e.Kind != submit.Temporary || e.Enhanced != "4.4.1" || e.Sysexit() != 75 {
			t.Errorf("%v", e)
		}
	}
}

// With the right pin beside a wrong one all is well; the message is sent in full at every size around that of a block.
func TestPinAndBlocks(t *testing.T) {
	authority, certs := certificates(t)
	srv, o := start(t, fake.Script{}, certs[""], authority)
	leaf, err := x509.ParseCertificate(certs[""].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	o.Pins = [][32]byte{{}, sha256.Sum256(leaf.RawSubjectPublicKeyInfo)}
	var want [][]byte
	const block = 64 << 10
	for _, size := range []int{block - 3, block - 2, block - 1, block, block + 1, block + 2, 3 * block} {
		for _, line := range []int{1, 2, 63, 998} {
			var b bytes.Buffer
			b.WriteString("Subject: x\r\n\r\n")
			for i := 0; b.Len() < size-2; i++ {
				text := strings.Repeat(".", min(line, size-2-b.Len()))
				if i%3 == 1 {
					text = strings.Repeat("x", len(text))
				}
				b.WriteString(text)
				if b.Len() < size-2 && size-2-b.Len() < 3 {
					b.WriteString(strings.Repeat("y", size-2-b.Len()))
				}
				if b.Len() < size-2 {
					b.WriteString("\r\n")
				}
			}
			b.WriteString("\r\n")
			want = append(want, b.Bytes())
			digest := sha256.Sum256(b.Bytes())
			o.Digest = &digest
			reply, err := submit.Send(t.Context(), o, user, []string{"bob@example.net"}, bytes.NewReader(b.Bytes()), int64(b.Len()))
			if err != nil {
				t.Fatal(err)
			}
			if reply.Digest != digest || reply.Octets != int64(b.Len()) {
				t.Errorf("reply %+v", reply)
			}
		}
	}
	seen := srv.Stop()
	if len(seen.Messages) != len(want) || len(want) == 0 {
		t.Fatalf("%d messages of %d", len(seen.Messages), len(want))
	}
	for i, m := range seen.Messages {
		if !bytes.Equal(m.Data, want[i]) {
			t.Errorf("message %d of %d octets arrived as another of %d", i, len(want[i]), len(m.Data))
		}
	}
}

func TestFromConfig(t *testing.T) {
	for yaml, want := range map[string]string{
		"provider: none\n":                                                       "write submission.host",
		"submission: {tls: implicit}\n":                                          "write submission.host",
		"submission: {host: smtp.example.com, tls: none}\n":                      "tls is none",
		"submission: {host: smtp.example.com, verify: false}\n":                  "verify is false",
		"submission: {host: smtp.example.com, auth: true}\n":                     "no submission.user",
		"submission: {host: smtp.example.com, port: 587, timeout: 90s}\n":        "",
		"submission: {host: smtp.example.com, user: a, password_file: ~/x}\n":    "",
		"submission: {host: smtp.example.com, user: a, auth: true}\n":            "",
		"submission: {host: smtp.example.com, tls: implicit, port: 587}\n":       "",
		"submission: {host: smtp.example.com, tls: starttls, auth: false}\n":     "",
		"submission: {host: smtp.example.com, user: a, password_env: NO_SUCH}\n": "",
	} {
		cfg, err := config.Parse("postern.yaml", []byte(yaml), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		o, err := submit.FromConfig(cfg)
		if want != "" {
			if e := failure(t, err); e.Kind != submit.Setup || !strings.Contains(e.Text, want) || e.Sysexit() != 75 {
				t.Errorf("%s: %v", yaml, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", yaml, err)
			continue
		}
		starttls := strings.Contains(yaml, "starttls") || strings.Contains(yaml, "port: 587, timeout")
		if o.Host != "smtp.example.com" || (o.TLS == submit.StartTLS) != starttls || (o.Password != nil) != strings.Contains(yaml, "user") {
			t.Errorf("%s: %+v", yaml, o)
		}
	}
}
