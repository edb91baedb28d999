package submit_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/quote"
	"postern/cmd/internal/submit"
	fake "postern/cmd/internal/submit/fakeserver"
)

const (
	host     = "smtp.example.com"
	user     = "alice@example.com"
	password = "correct horse battery"
)

var (
	message   = []byte("From: alice@example.com\r\nTo: bob@example.net\r\nSubject: one\r\n\r\n.dot\r\n..\r\ntext\r\n")
	eightBit  = []byte("From: alice@example.com\r\nSubject: one\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n")
	utf8Head  = []byte("From: alice@example.com\r\nSubject: Gr\xc3\xbc\xc3\x9fe\r\n\r\ntext\r\n")
	large     = append(append([]byte{}, message...), bytes.Repeat([]byte(strings.Repeat("x", 76)+"\r\n"), 400_000)...)
	long      = "250-" + strings.Repeat("y", 100<<10) + "\r\n250 end\r\n"
	endless   = strings.Repeat("250-"+strings.Repeat("z", 500)+"\r\n", 1000)
	plainSASL = base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
)

// sent is that no error was returned; other results are kinds.
const sent = submit.Kind(255)

// behaviour is a way in which a server behaves, and what must come of it.
type behaviour struct {
	name   string
	script fake.Script
	cert   string // name of a certificate in certificates, "" is the good one
	set    func(*submit.Options)
	msg    []byte // nil is message
	want   submit.Kind
	code   int    // of the reply in the error
	status string // enhanced
	text   string // in the error
	// arrived tells that the message arrived whole though it was not accepted.
	arrived bool
	// secret tells that the server may see a password.
	secret bool
}

func on(verb string, a fake.Action) map[string]fake.Action { return map[string]fake.Action{verb: a} }

func starttls(s fake.Script) fake.Script { s.StartTLS = true; return s }

func quick(o *submit.Options) {
	o.Limits = submit.Timeouts{Command: 300 * time.Millisecond, TLS: 300 * time.Millisecond, Block: 300 * time.Millisecond}
}

// patient is for behaviours that begin after a login, which a busy machine takes its time for.
func patient(o *submit.Options) { o.Limits.Command = 5 * time.Second }

func quickBlock(o *submit.Options) { o.Limits.Block = 300 * time.Millisecond }

func quickEnd(o *submit.Options) { o.Limits.Final = 300 * time.Millisecond }

// behaviours are all ways in which the fake server behaves.
func behaviours() []behaviour {
	say := fake.Reply
	return []behaviour{
		{name: "takes all, implicit TLS", want: sent, secret: true},
		{name: "takes all, STARTTLS", script: starttls(fake.Script{}), want: sent, secret: true},
		{name: "has LOGIN only", script: fake.Script{Extensions: []string{"8BITMIME", "AUTH LOGIN"}}, want: sent, secret: true},
		{name: "has TLS 1.2 only", script: fake.Script{TLS: &tls.Config{MaxVersion: tls.VersionTLS12}}, want: sent, secret: true},
		{name: "answers in many lines", script: fake.Script{On: map[string]fake.Action{
			"CONNECT": say("220-hello", "220-you", "220 there"), "MAIL": say("250-a", "250 b"), "RCPT": say("250-a", "250 b"),
			"END": nil}}, want: sent, secret: true},
		{name: "says 251 for a recipient", script: fake.Script{On: on("RCPT", say("251 user not local; will forward"))}, want: sent, secret: true},
		{name: "closes after the final answer", script: fake.Script{On: on("QUIT", fake.Close)}, want: sent, secret: true},
		{name: "does not answer QUIT", script: fake.Script{On: on("QUIT", fake.Hang)}, want: sent, secret: true},

		{name: "554 as greeting", script: fake.Script{On: on("CONNECT", fake.ReplyAndClose("554 5.7.1 no service for you"))}, want: submit.Permanent, code: 554, status: "5.7.1"},
		{name: "421 as greeting", script: fake.Script{On: on("CONNECT", fake.ReplyAndClose("421 4.3.2 too busy"))}, want: submit.Temporary, code: 421, status: "4.3.2"},
		{name: "greets with something else", script: fake.Script{On: on("CONNECT", say("HTTP/1.1 400 Bad Request"))}, want: submit.Temporary, status: "4.5.0"},
		{name: "greets with SSH", script: fake.Script{On: on("CONNECT", say("SSH-2.0-OpenSSH_9.2"))}, set: quick, want: submit.Temporary, status: "4.4.2"},
		{name: "no greeting", script: fake.Script{On: on("CONNECT", fake.Hang)}, set: quick, want: submit.Temporary, status: "4.4.2"},
		{name: "half-closes at once", script: fake.Script{On: on("CONNECT", fake.HalfClose)}, want: submit.Temporary, status: "4.4.2"},
		{name: "closes at once", script: fake.Script{On: on("CONNECT", fake.Close)}, want: submit.Temporary, status: "4.4.2"},
		{name: "greets an octet at a time", script: fake.Script{On: on("CONNECT", fake.Slow("220-hello\r\n", 20*time.Millisecond))}, set: quick, want: submit.Temporary, status: "4.4.2"},
		{name: "does not end within the total", script: fake.Script{On: on("CONNECT", fake.Slow("220-hello\r\n", 20*time.Millisecond))}, set: func(o *submit.Options) { o.Limits.Total = 400 * time.Millisecond },
			want: submit.Temporary, status: "4.4.2", text: "not done after"},
		{name: "refuses EHLO", script: fake.Script{On: on("EHLO", say("550 5.7.0 no"))}, want: submit.Permanent, code: 550},
		{name: "421 at EHLO", script: fake.Script{On: on("EHLO", fake.ReplyAndClose("421 later"))}, want: submit.Temporary, code: 421, status: "4.0.0"},
		{name: "a line of 100 KB", script: fake.Script{On: on("EHLO", fake.Raw(long))}, want: submit.Temporary, status: "4.5.0"},
		{name: "an answer without end", script: fake.Script{On: on("EHLO", fake.Raw(endless))}, want: submit.Temporary, status: "4.5.0", text: "no end"},

		{name: "no STARTTLS", script: starttls(fake.Script{Plain: []string{"8BITMIME", "AUTH PLAIN LOGIN"}}), want: submit.TLS, status: "4.7.5", text: "does not offer STARTTLS"},
		{name: "no ESMTP", script: starttls(fake.Script{On: on("EHLO", say("502 what?"))}), want: submit.Permanent, code: 500},
		{name: "refuses STARTTLS", script: starttls(fake.Script{On: on("STARTTLS", say("454 4.7.0 TLS not available"))}), want: submit.TLS, code: 454, status: "4.7.5"},
		{name: "250 to STARTTLS", script: starttls(fake.Script{On: on("STARTTLS", say("250 ok"))}), want: submit.TLS, code: 250, status: "4.7.5"},
		{name: "text after the answer to STARTTLS", script: starttls(fake.Script{On: on("STARTTLS", fake.Raw("220 go on\r\n250-fake\r\n250 AUTH PLAIN\r\n"))}), want: submit.TLS, status: "4.7.5", text: "in the clear"},
		{name: "AUTH offered in the clear and no TLS after STARTTLS", script: starttls(fake.Script{Plain: []string{"STARTTLS", "AUTH PLAIN LOGIN"}, On: on("STARTTLS", fake.Then(say("220 go on"), fake.ReplyAndClose("250 AUTH PLAIN")))}), want: submit.TLS, status: "4.7.5"},
		{name: "no TLS on the port", script: starttls(fake.Script{}), set: func(o *submit.Options) { o.TLS = submit.Implicit }, want: submit.TLS, status: "4.7.5", text: "does not speak TLS"},
		{name: "hangs in the handshake", script: starttls(fake.Script{On: on("STARTTLS", fake.Then(say("220 go on"), fake.Hang))}), set: quick, want: submit.Temporary, status: "4.4.2"},
		{name: "closes in the handshake", script: starttls(fake.Script{On: on("STARTTLS", fake.ReplyAndClose("220 go on"))}), want: submit.TLS, status: "4.7.5"},
		{name: "a TLS alert", script: fake.Script{TLS: &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no") }}}, want: submit.TLS, status: "4.7.5"},
		{name: "wants a certificate of ours", script: fake.Script{TLS: &tls.Config{ClientAuth: tls.RequireAnyClientCert}}, want: submit.Temporary},
		{name: "TLS 1.1 only", script: fake.Script{TLS: &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}}, want: submit.TLS, status: "4.7.5"},
		{name: "certificate for another name", cert: "other name", want: submit.TLS, status: "4.7.5", text: "other.example.net"},
		{name: "certificate for another name, STARTTLS", script: starttls(fake.Script{}), cert: "other name", want: submit.TLS, status: "4.7.5"},
		{name: "expired certificate", cert: "expired", want: submit.TLS, status: "4.7.5", text: "expired"},
		{name: "certificate of the future", cert: "future", want: submit.TLS, status: "4.7.5"},
		{name: "self-signed certificate", cert: "self-signed", want: submit.TLS, status: "4.7.5"},
		{name: "certificate of an unknown authority", cert: "stranger", want: submit.TLS, status: "4.7.5"},
		{name: "another key than the pinned one", set: func(o *submit.Options) { o.Pins = [][32]byte{{1}} }, want: submit.TLS, status: "4.7.5", text: "pinned"},

		{name: "no AUTH", script: fake.Script{Extensions: []string{"8BITMIME"}}, want: submit.Auth, status: "4.7.8"},
		{name: "unknown kinds of AUTH only", script: fake.Script{Extensions: []string{"AUTH GSSAPI NTLM"}}, want: submit.Auth, status: "4.7.8"},
		{name: "535 to AUTH", script: fake.Script{On: on("AUTH", say("535 5.7.8 authentication failed"))}, want: submit.Auth, code: 535, status: "4.7.8", secret: true},
		{name: "454 to AUTH", script: fake.Script{On: on("AUTH", say("454 4.7.0 temporary failure"))}, want: submit.Auth, code: 454, status: "4.7.0", secret: true},
		{name: "421 to AUTH", script: fake.Script{On: on("AUTH", fake.ReplyAndClose("421 4.3.0 bye"))}, want: submit.Temporary, code: 421, secret: true},
		{name: "250 to AUTH", script: fake.Script{On: on("AUTH", say("250 fine"))}, want: submit.Auth, code: 250, status: "4.5.0", secret: true},
		{name: "a challenge to PLAIN", script: fake.Script{On: on("AUTH", say("334 Z28gb24="))}, want: submit.Auth, status: "4.7.8", secret: true},
		{name: "says the password back", script: fake.Script{On: on("AUTH", say("535 5.7.8 "+password+" is wrong"))}, want: submit.Auth, code: 535, secret: true},
		{name: "says the answer back", script: fake.Script{On: on("AUTH", say("535 5.7.8 what is "+plainSASL+"?"))}, want: submit.Auth, code: 535, secret: true},
		{name: "says the password back later", script: fake.Script{On: on("MAIL", say("550-"+password[:9], "550 "+password[9:]))}, want: submit.Permanent, code: 550, secret: true},
		{name: "no answer to AUTH", script: fake.Script{On: on("AUTH", fake.Hang)}, set: patient, want: submit.Temporary, status: "4.4.2", secret: true},
		{name: "535 after the password of LOGIN", script: fake.Script{Extensions: []string{"AUTH LOGIN"}, On: on("PASSWORD", say("535 5.7.8 no"))}, want: submit.Auth, code: 535, status: "4.7.8", secret: true},

		{name: "SIZE too small", script: fake.Script{Extensions: []string{"SIZE 50", "AUTH PLAIN"}}, want: submit.Message, status: "5.3.4", text: "50 octets", secret: true},
		{name: "no 8BITMIME, plain text", script: fake.Script{Extensions: []string{"AUTH PLAIN"}}, want: sent, secret: true},
		{name: "no 8BITMIME, 8-bit text", script: fake.Script{Extensions: []string{"AUTH PLAIN"}}, msg: eightBit, want: submit.Message, status: "5.6.3", text: "8BITMIME", secret: true},
		{name: "8BITMIME, 8-bit text", msg: eightBit, want: sent, secret: true},
		{name: "no SMTPUTF8, UTF-8 in the header", script: fake.Script{Extensions: []string{"8BITMIME", "AUTH PLAIN"}}, msg: utf8Head, want: submit.Message, status: "5.6.7", text: "SMTPUTF8", secret: true},
		{name: "SMTPUTF8, UTF-8 in the header", msg: utf8Head, want: sent, secret: true},
		{name: "nonsense as SIZE", script: fake.Script{Extensions: []string{"SIZE many", "AUTH PLAIN"}}, want: sent, secret: true},
		{name: "SIZE 0", script: fake.Script{Extensions: []string{"SIZE 0", "AUTH PLAIN"}}, want: sent, secret: true},

		{name: "552 to MAIL", script: fake.Script{On: on("MAIL", say("552 5.3.4 too large"))}, want: submit.Permanent, code: 552, status: "5.3.4", secret: true},
		{name: "451 to MAIL", script: fake.Script{On: on("MAIL", say("451 4.3.0 later"))}, want: submit.Temporary, code: 451, status: "4.3.0", secret: true},
		{name: "530 to MAIL", script: fake.Script{On: on("MAIL", say("530 5.7.0 log in"))}, want: submit.Permanent, code: 530, secret: true},
		{name: "354 to MAIL", script: fake.Script{On: on("MAIL", say("354 go on"))}, want: submit.Temporary, status: "4.5.0", secret: true},
		{name: "an answer too much to MAIL", script: fake.Script{On: on("MAIL", say("250 ok", "250 ok", "354 go on", "250 taken"))}, want: submit.Temporary, status: "4.5.0", text: "out of turn", secret: true},
		{name: "hostile text", script: fake.Script{On: on("MAIL", say("550 5.7.1 \x1b[2J\x1b]0;x\x07\u202eevil\xff"))}, want: submit.Permanent, code: 550, secret: true},
		{name: "closes at MAIL", script: fake.Script{On: on("MAIL", fake.Close)}, want: submit.Temporary, status: "4.4.2", secret: true},

		{name: "refuses one recipient for good", script: fake.Script{On: on("RCPT", fake.For("carol", say("550 5.1.1 no carol here")))}, want: submit.Permanent, code: 550, status: "5.1.1", text: "<carol@example.org>", secret: true},
		{name: "refuses one recipient for now", script: fake.Script{On: on("RCPT", fake.For("bob", say("450 4.2.1 busy")))}, want: submit.Temporary, code: 450, status: "4.2.1", text: "<bob@example.net>", secret: true},
		{name: "refuses all recipients", script: fake.Script{On: on("RCPT", say("550 5.7.1 no"))}, want: submit.Permanent, code: 550, text: "all 2 recipients", secret: true},
		{name: "421 at the second recipient", script: fake.Script{On: on("RCPT", fake.For("carol", fake.ReplyAndClose("421 4.3.2 bye")))}, want: submit.Temporary, code: 421, secret: true},
		{name: "hangs at the second recipient", script: fake.Script{On: on("RCPT", fake.For("carol", fake.Hang))}, set: patient, want: submit.Temporary, status: "4.4.2", secret: true},

		{name: "554 to DATA", script: fake.Script{On: on("DATA", say("554 5.5.1 no valid recipients"))}, want: submit.Permanent, code: 554, secret: true},
		{name: "451 to DATA", script: fake.Script{On: on("DATA", say("451 4.3.0 later"))}, want: submit.Temporary, code: 451, secret: true},
		{name: "250 to DATA", script: fake.Script{On: on("DATA", say("250 taken"))}, want: submit.Temporary, status: "4.5.0", secret: true},
		{name: "answers before the message has begun", script: fake.Script{On: on("DATA", fake.Raw("354 go on\r\n250 2.0.0 taken\r\n"))}, want: submit.Temporary, status: "4.5.0", secret: true},
		{name: "552 while the message comes, and reads no more", script: fake.Script{On: on("DATA", fake.Then(say("354 go on"), say("552 5.3.4 enough"), fake.Deaf))}, msg: large, want: submit.Permanent, code: 552, status: "5.3.4", secret: true},
		{name: "250 while the message comes, and reads no more", script: fake.Script{On: on("DATA", fake.Then(say("354 go on"), say("250 2.0.0 taken"), fake.Deaf))}, msg: large, want: submit.Temporary, status: "4.5.0", secret: true},
		{name: "reads nothing of the message", script: fake.Script{On: on("DATA", fake.Then(say("354 go on"), fake.Deaf))}, msg: large, set: quickBlock, want: submit.Temporary, status: "4.4.2", secret: true},
		{name: "RST while the message comes", script: fake.Script{On: on("DATA", fake.Then(say("354 go on"), fake.Reset))}, msg: large, want: submit.Temporary, status: "4.4.2", secret: true},

		{name: "550 to the message", script: fake.Script{On: on("END", say("550 5.7.1 spam"))}, want: submit.Permanent, code: 550, status: "5.7.1", arrived: true, secret: true},
		{name: "452 to the message", script: fake.Script{On: on("END", say("452 4.3.1 disk full"))}, want: submit.Temporary, code: 452, status: "4.3.1", arrived: true, secret: true},
		{name: "421 to the message", script: fake.Script{On: on("END", fake.ReplyAndClose("421 4.3.2 bye"))}, want: submit.Temporary, code: 421, arrived: true, secret: true},
		{name: "RST after the final dot", script: fake.Script{On: on("END", fake.Reset)}, want: submit.Uncertain, status: "4.4.2", arrived: true, secret: true},
		{name: "closes after the final dot", script: fake.Script{On: on("END", fake.Close)}, want: submit.Uncertain, status: "4.4.2", arrived: true, secret: true},
		{name: "half-closes after the final dot", script: fake.Script{On: on("END", fake.HalfClose)}, want: submit.Uncertain, status: "4.4.2", arrived: true, secret: true},
		{name: "no answer to the final dot", script: fake.Script{On: on("END", fake.Hang)}, set: quickEnd, want: submit.Uncertain, status: "4.4.2", arrived: true, secret: true},
		{name: "an octet at a time after the final dot", script: fake.Script{On: on("END", fake.Slow("250-wait\r\n", 20*time.Millisecond))}, set: quickEnd, want: submit.Uncertain, arrived: true, secret: true},
		{name: "354 to the final dot", script: fake.Script{On: on("END", say("354 more"))}, want: submit.Uncertain, code: 354, arrived: true, secret: true},
		{name: "nonsense to the final dot", script: fake.Script{On: on("END", say("thank you"))}, want: submit.Uncertain, arrived: true, secret: true},
		{name: "a line of 100 KB to the final dot", script: fake.Script{On: on("END", fake.Raw(long))}, want: submit.Uncertain, arrived: true, secret: true},
	}
}

// certificates makes the certificates that behaviours name.
func certificates(t testing.TB) (*fake.Authority, map[string]tls.Certificate) {
	t.Helper()
	a, err := fake.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	b, err := fake.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	certs := map[string]tls.Certificate{}
	for name, make := range map[string]func() (tls.Certificate, error){
		"":            func() (tls.Certificate, error) { return a.Certificate(now.Add(time.Hour), host) },
		"other name":  func() (tls.Certificate, error) { return a.Certificate(now.Add(time.Hour), "other.example.net") },
		"expired":     func() (tls.Certificate, error) { return a.Certificate(now.Add(-time.Hour), host) },
		"future":      func() (tls.Certificate, error) { return a.Certificate(now.Add(96*time.Hour), host) },
		"self-signed": func() (tls.Certificate, error) { return a.SelfSigned(host) },
		"stranger":    func() (tls.Certificate, error) { return b.Certificate(now.Add(time.Hour), host) },
	} {
		if certs[name], err = make(); err != nil {
			t.Fatal(err)
		}
	}
	return a, certs
}

// start starts a server and gives the options that reach it under the name that its certificate should have.
func start(t testing.TB, s fake.Script, cert tls.Certificate, a *fake.Authority) (*fake.Server, submit.Options) {
	t.Helper()
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLS != nil {
		config = s.TLS.Clone()
	}
	config.Certificates = []tls.Certificate{cert}
	s.TLS = config
	srv, err := fake.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	o := submit.Options{Host: host, User: user, RootCAs: a.Pool,
		Password: func(context.Context) (string, error) { return password, nil },
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, srv.Addr)
		}}
	if s.StartTLS {
		o.TLS = submit.StartTLS
	}
	return srv, o
}

// TestBehaviours holds the promises of package submit against each way in which a server can behave.
func TestBehaviours(t *testing.T) {
	authority, certs := certificates(t)
	list := behaviours()
	if len(list) < 40 {
		t.Fatalf("%d behaviours, want 40", len(list))
	}
	for _, b := range list {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			srv, o := start(t, b.script, certs[b.cert], authority)
			if b.set != nil {
				b.set(&o)
			}
			msg := b.msg
			if msg == nil {
				msg = message
			}
			rcpts := []string{"bob@example.net", "carol@example.org"}
			reply, err := submit.Send(t.Context(), o, user, rcpts, bytes.NewReader(msg), int64(len(msg)))
			seen := srv.Stop()
			b.result(t, reply, err)
			b.promises(t, seen, msg, rcpts, err)
		})
	}
}

func (b *behaviour) result(t *testing.T, reply submit.Reply, err error) {
	if b.want == sent {
		if err != nil {
			t.Fatal(err)
		}
		if reply.Code != 250 || reply.Enhanced != "2.0.0" || !strings.Contains(reply.Text, "4711") || !strings.HasPrefix(reply.TLS, "TLS 1.") {
			t.Errorf("reply %+v", reply)
		}
		return
	}
	var e *submit.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	t.Log(e)
	exit := map[submit.Kind]int{submit.Permanent: 69, submit.Message: 65}[b.want]
	if exit == 0 {
		exit = 75
	}
	class := byte('4')
	if exit != 75 {
		class = '5'
	}
	if e.Kind != b.want || e.Sysexit() != exit || e.Enhanced[0] != class {
		t.Errorf("kind %s, exit %d, status %s; want %s, %d: %v", e.Kind, e.Sysexit(), e.Enhanced, b.want, exit, e)
	}
	if b.code != 0 && e.Code != b.code || b.status != "" && e.Enhanced != b.status || !strings.Contains(e.Error(), b.text) {
		t.Errorf("code %d, status %s; want %d, %s and %q: %v", e.Code, e.Enhanced, b.code, b.status, b.text, e)
	}
	holdsNoSecret(t, e)
}

// holdsNoSecret looks at every text of an error.
func holdsNoSecret(t testing.TB, e *submit.Error) {
	t.Helper()
	texts := []string{e.Error(), e.Text, e.Phase, e.Enhanced}
	for _, r := range e.Refused {
		texts = append(texts, r.Recipient, r.Text, r.Enhanced)
	}
	for err := error(e); err != nil; err = errors.Unwrap(err) {
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		for _, secret := range []string{password, plainSASL, base64.StdEncoding.EncodeToString([]byte(password))} {
			if strings.Contains(text, secret) {
				t.Errorf("the error holds the password: %q", text)
			}
		}
		if text != quote.Text(text) || len(text) > 20_000 {
			t.Errorf("the text is not fit to print: %q", text)
		}
	}
}

// promises are those that hold whatever a server does.
func (b *behaviour) promises(t *testing.T, seen fake.Seen, msg []byte, rcpts []string, err error) {
	if len(seen.Secrets) > 0 && !b.secret {
		t.Errorf("the server saw a password: %q", seen.Secrets)
	}
	if b.secret && len(seen.Secrets) == 0 {
		t.Error("there was no login: the behaviour shows nothing")
	}
	for _, s := range []string{password, plainSASL, base64.StdEncoding.EncodeToString([]byte(password)), "AUTH"} {
		if bytes.Contains(seen.Clear, []byte(s)) {
			t.Errorf("%q went over the wire in the clear", s)
		}
	}
	if bytes.Contains(seen.Clear, []byte("Subject:")) || bytes.Contains(seen.Clear, []byte("MAIL")) {
		t.Error("the message or its envelope went over the wire in the clear")
	}
	if seen.Connections != 1 {
		t.Errorf("%d connections", seen.Connections)
	}
	switch {
	case b.want == sent || b.arrived:
		if len(seen.Messages) != 1 {
			t.Fatalf("%d messages arrived", len(seen.Messages))
		}
		m := seen.Messages[0]
		if m.Accepted != (err == nil) {
			t.Errorf("accepted %v, error %v", m.Accepted, err)
		}
		if m.From != user || strings.Join(m.To, " ") != strings.Join(rcpts, " ") {
			t.Errorf("envelope %q, %q", m.From, m.To)
		}
		if !bytes.Equal(m.Data, msg) {
			t.Errorf("the message arrived as %q", m.Data)
		}
	case len(seen.Messages) != 0:
		t.Errorf("%d messages arrived", len(seen.Messages))
	}
	// Nothing of a message goes to a server that has refused a recipient.
	var e *submit.Error
	if errors.As(err, &e) && len(e.Refused) > 0 && (len(seen.Body) > 0 || strings.Contains(strings.Join(seen.Commands, "\n"), "DATA")) {
		t.Error("DATA was said though a recipient had been refused")
	}
}
