package submit

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"postern/cmd/internal/quote"
)

// session is one connection to a server.
type session struct {
	o       Options
	ctx     context.Context
	raw     net.Conn // the TCP connection
	conn    net.Conn // the same, then TLS over it
	guard   *guard
	client  *smtp.Client
	text    *textproto.Reader
	secrets secrets
	stop    func() bool // lets ctx no longer end the connection
	total   *time.Timer
	late    atomic.Bool // Total is over
}

// open connects, and makes sure of TLS with StartTLS as with Implicit. On an error everything is closed.
func open(ctx context.Context, o Options, tlsConfig *tls.Config, plain func(*smtp.Client)) (*session, *Error) {
	s := &session{o: o, ctx: ctx}
	if err := s.open(tlsConfig, plain); err != nil {
		if s.raw != nil {
			s.close()
		}
		return nil, err
	}
	return s, nil
}

func (s *session) open(tlsConfig *tls.Config, plain func(*smtp.Client)) *Error {
	o, ctx := s.o, s.ctx
	dialing, cancel := context.WithTimeout(ctx, min(o.Limits.Connect, o.Limits.Total))
	defer cancel()
	conn, cause := o.Dial(dialing, "tcp", o.address())
	if cause != nil {
		return s.connectError(cause)
	}
	s.raw, s.conn = conn, conn
	s.stop = context.AfterFunc(ctx, func() { conn.Close() })
	s.total = time.AfterFunc(o.Limits.Total, func() {
		s.late.Store(true)
		conn.Close()
	})
	if o.TLS == StartTLS {
		if err := s.startTLS(plain); err != nil {
			return err
		}
	}
	if err := s.handshake(tlsConfig); err != nil {
		return err
	}
	s.attach()
	if o.TLS == StartTLS {
		s.guard.greeted()
	}
	return s.hello()
}

// attach puts a client on the connection as it is now.
func (s *session) attach() {
	s.guard = newGuard(s.conn)
	s.client = smtp.NewClient(s.guard)
	s.client.CommandTimeout = s.o.Limits.Command
	// The client's own reader never holds more than it has used, because guard gives a line at a time: the two do not get
	// into each other's way.
	s.text = newTextReader(s.guard)
}

// hello reads the greeting and says EHLO.
func (s *session) hello() *Error {
	err := s.client.Hello(s.o.localName(s.conn))
	switch {
	case err == nil:
		return nil
	case !s.guard.spoken:
		return s.fail("greeting", err)
	}
	return s.fail("EHLO", err)
}

// startTLS asks for TLS in the clear. Nothing that is learnt there counts later (RFC 3207 section 4.2).
func (s *session) startTLS(plain func(*smtp.Client)) *Error {
	s.attach()
	if err := s.hello(); err != nil {
		return err
	}
	if plain != nil {
		plain(s.client)
	}
	if ok, _ := s.client.Extension("STARTTLS"); !ok {
		return newError(TLS, "STARTTLS", "4.7.5", "%s does not offer STARTTLS, and nothing is sent without TLS", quote.Text(s.o.address()))
	}
	code, text, err := s.command("STARTTLS", s.o.Limits.Command)
	switch {
	case err != nil:
		return s.fail("STARTTLS", err)
	case code != 220:
		e := s.refused("STARTTLS", code, text)
		e.Kind, e.Enhanced = TLS, "4.7.5"
		return e
	case s.guard.early():
		return newError(TLS, "STARTTLS", "4.7.5", "%s: text in the clear follows the answer to STARTTLS: somebody on the way may have put it there", quote.Text(s.o.address()))
	}
	return nil
}

// handshake makes the connection one with TLS.
func (s *session) handshake(config *tls.Config) *Error {
	conn := tls.Client(s.conn, config)
	ctx, cancel := context.WithTimeout(s.ctx, s.o.Limits.TLS)
	defer cancel()
	err := conn.HandshakeContext(ctx)
	if err == nil {
		s.conn = conn
		return nil
	}
	if e := s.broken("TLS", err); e != nil {
		return e
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return newError(Temporary, "TLS", "4.4.2", "%s: no TLS handshake within %s", quote.Text(s.o.address()), s.o.Limits.TLS)
	}
	return newError(TLS, "TLS", "4.7.5", "%s: %s; nothing was sent", quote.Text(s.o.address()), s.secrets.clean(tlsText(err)))
}

func tlsText(err error) string {
	var record tls.RecordHeaderError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return "the certificate cannot be trusted: " + certificateText(certificate.Err)
	case errors.As(err, &record):
		return "the server does not speak TLS on this port"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the server closed the connection in the TLS handshake"
	}
	return err.Error()
}

// tlsConfig is the only one that a password or a message goes through.
func (o *Options) tlsConfig() *tls.Config {
	return &tls.Config{
		ServerName: o.Host, RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12,
		VerifyConnection: func(cs tls.ConnectionState) error { return o.checkPin(cs.PeerCertificates) },
	}
}

// checkPin holds the server's own certificate against the pins.
func (o *Options) checkPin(chain []*x509.Certificate) error {
	if len(o.Pins) == 0 {
		return nil
	}
	if len(chain) == 0 {
		return errors.New("the server shows no certificate")
	}
	if key := keyDigest(chain[0]); !slices.Contains(o.Pins, key) {
		return fmt.Errorf("the server's key is %s, which is not the one that is pinned", FormatPin(key))
	}
	return nil
}

func keyDigest(c *x509.Certificate) [32]byte { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// login authenticates. It is called on a verified connection only.
func (s *session) login() *Error {
	_, offered := s.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	usePlain := slices.Contains(mechanisms, sasl.Plain)
	if !usePlain && !slices.Contains(mechanisms, sasl.Login) {
		what := "no login"
		if len(mechanisms) > 0 {
			what = "logins of the kinds " + s.secrets.clean(strings.Join(mechanisms, " "))
		}
		return newError(Auth, "AUTH", "4.7.8", "%s offers %s; PLAIN and LOGIN are known here", quote.Text(s.o.address()), what)
	}
	password, err := s.o.Password(s.ctx)
	if err != nil {
		if e := s.broken("AUTH", err); e != nil {
			return e
		}
		return newError(Auth, "AUTH", "4.7.8", "the password: %s", quote.Short(err.Error(), maxText))
	}
	if password == "" || strings.ContainsAny(password, "\x00\r\n") {
		return newError(Auth, "AUTH", "4.7.8", "the password is empty, or holds NUL or a line end")
	}
	s.secrets.add(s.o.User, password)
	mechanism := sasl.NewLoginClient(s.o.User, password)
	if usePlain {
		mechanism = sasl.NewPlainClient("", s.o.User, password)
	}
	s.guard.authenticating = true
	if err := s.client.Auth(mechanism); err != nil {
		e := s.fail("AUTH", err)
		if e.Code != 0 && e.Code != 421 || errors.Is(err, sasl.ErrUnexpectedServerChallenge) {
			e.Kind = Auth
			if e.Enhanced[0] != '4' || e.Code == 0 {
				e.Enhanced = "4.7.8"
			}
		}
		return e
	}
	s.guard.authenticating = false
	return nil
}

// command sends one line and reads the reply, besides go-smtp's client, which has no way to say STARTTLS or DATA alone.
func (s *session) command(line string, limit time.Duration) (code int, text string, err error) {
	s.conn.SetDeadline(soon(limit))
	defer s.conn.SetDeadline(time.Time{})
	if _, err := s.guard.Write([]byte(line + "\r\n")); err != nil {
		return 0, "", err
	}
	return s.text.ReadResponse(0)
}

// quit ends the session politely, but does not wait long for the answer.
func (s *session) quit() {
	s.client.CommandTimeout = min(s.o.Limits.Command, 2*time.Second)
	_ = s.client.Quit() // what it would tell changes nothing
}

func (s *session) close() {
	if s.stop != nil {
		s.stop()
		s.total.Stop()
	}
	// After a QUIT that was answered TLS has been closed; else there is nothing to wait for with a server that may not read.
	s.raw.Close()
}

// broken explains an error that our own side brought about: the caller's context is done or the time is up. Else it is nil.
func (s *session) broken(phase string, err error) *Error {
	switch cause := s.ctx.Err(); {
	case cause != nil:
		e := newError(Temporary, phase, "4.4.2", "%s: %s: interrupted", quote.Text(s.o.address()), phase)
		e.cause = cause
		return e
	case s.late.Load():
		return newError(Temporary, phase, "4.4.2", "%s: %s: not done after %s", quote.Text(s.o.address()), phase, s.o.Limits.Total)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return newError(Temporary, phase, "4.4.2", "%s: %s: no answer in time", quote.Text(s.o.address()), phase)
	}
	return nil
}

// fail explains an error of a phase.
func (s *session) fail(phase string, err error) *Error {
	var reply *smtp.SMTPError
	if errors.As(err, &reply) {
		text := reply.Message
		if reply.EnhancedCode != (smtp.EnhancedCode{}) {
			text = fmt.Sprintf("%d.%d.%d %s", reply.EnhancedCode[0], reply.EnhancedCode[1], reply.EnhancedCode[2], text)
		}
		return s.refused(phase, reply.Code, text)
	}
	if e := s.broken(phase, err); e != nil {
		return e
	}
	if errors.Is(err, errOutOfTurn) {
		words := s.guard.waiting()
		if strings.HasPrefix(words, "421") { // the server ends the session (RFC 5321 section 3.8)
			return s.refused(phase, 421, strings.TrimLeft(words[3:], " -"))
		}
		return newError(Temporary, phase, "4.5.0", "%s: %s: the server speaks out of turn: %s", quote.Text(s.o.address()), phase, s.secrets.clean(words))
	}
	where := quote.Text(s.o.address()) + ": " + phase + ": "
	var protocol textproto.ProtocolError
	var op *net.OpError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return newError(Temporary, phase, "4.4.2", "%sthe server closed the connection", where)
	case errors.As(err, &protocol), errors.Is(err, errLongReply), errors.Is(err, smtp.ErrTooLongLine):
		return newError(Temporary, phase, "4.5.0", "%sthis is no SMTP: %s", where, s.secrets.clean(err.Error()))
	case errors.As(err, &op):
		return newError(Temporary, phase, "4.4.2", "%s%s", where, s.secrets.clean(op.Err.Error()))
	}
	return newError(Temporary, phase, "4.5.0", "%s%s", where, s.secrets.clean(err.Error()))
}

// refused explains a reply that is not the one that was hoped for.
func (s *session) refused(phase string, code int, text string) *Error {
	enhanced, _ := enhancedCode(code, text)
	what := phase
	switch phase {
	case "greeting":
		what = "the connection"
	case "end of data":
		what = "the message"
	}
	e := newError(Temporary, phase, enhanced, "%s refuses %s: %d %s", quote.Text(s.o.address()), what, code, s.secrets.clean(text))
	e.Code = code
	switch code / 100 {
	case 4:
	case 5:
		e.Kind = Permanent
	default:
		e.Enhanced = "4.5.0"
		e.Text = fmt.Sprintf("%s answers %s with %d, which means something else: %s", quote.Text(s.o.address()), what, code, s.secrets.clean(text))
	}
	return e
}

func (s *session) connectError(err error) *Error {
	if cause := s.ctx.Err(); cause != nil {
		e := newError(Temporary, "connect", "4.4.1", "%s: connect: interrupted", quote.Text(s.o.address()))
		e.cause = cause
		return e
	}
	text := err.Error()
	var dns *net.DNSError
	var op *net.OpError
	var errno syscall.Errno
	switch {
	case errors.As(err, &dns):
		text = "the name cannot be resolved: " + dns.Err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		text = "no answer in time"
	case errors.As(err, &errno):
		text = errno.Error()
	case errors.As(err, &op) && op.Err != nil:
		text = op.Err.Error()
	}
	return newError(Temporary, "connect", "4.4.1", "%s: connect: %s", quote.Text(s.o.address()), s.secrets.clean(text))
}
