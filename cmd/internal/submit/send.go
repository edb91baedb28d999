package submit

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"postern/cmd/internal/quote"
)

// Send submits the first size octets of msg, which are in CRLF form, for all of rcpts or for none. From and the recipients
// stand without angle brackets; from is "" for the null sender. An error is always an *Error; with one of kind Uncertain the
// server may have the message, with any other it has not.
func Send(ctx context.Context, o Options, from string, rcpts []string, msg io.ReaderAt, size int64) (Reply, error) {
	reply, err := send(ctx, o, from, rcpts, msg, size)
	if err != nil {
		return Reply{}, err // not a nil *Error in an interface
	}
	return reply, nil
}

func send(ctx context.Context, o Options, from string, rcpts []string, msg io.ReaderAt, size int64) (Reply, *Error) {
	o, bad := o.ready()
	if bad != nil {
		return Reply{}, bad
	}
	if bad := checkEnvelope(from, rcpts); bad != nil {
		return Reply{}, bad
	}
	what, err := inspect(msg, size)
	if err != nil {
		return Reply{}, messageError(err)
	}
	if o.Digest != nil && *o.Digest != what.digest {
		return Reply{}, changed()
	}
	s, bad := open(ctx, o, o.tlsConfig(), nil)
	if bad != nil {
		return Reply{}, bad
	}
	defer s.close()
	return s.deliver(what, from, rcpts, msg, size)
}

// deliver logs in and hands the message over, on a connection that TLS protects.
func (s *session) deliver(what shape, from string, rcpts []string, msg io.ReaderAt, size int64) (Reply, *Error) {
	if s.o.User != "" {
		if bad := s.login(); bad != nil {
			return Reply{}, bad
		}
	}
	if bad := s.fits(what, from, rcpts, size); bad != nil {
		s.quit()
		return Reply{}, bad
	}
	if bad := s.envelope(what, from, rcpts, size); bad != nil {
		s.quit() // which ends the transaction (RFC 5321 section 4.1.1.10)
		return Reply{}, bad
	}
	return s.data(msg, size, what.digest)
}

// messageError explains why a message cannot be read or sent.
func messageError(err error) *Error {
	var form *formError
	if errors.As(err, &form) {
		return newError(Message, "", "5.5.2", "%s", form.text)
	}
	return newError(Temporary, "", "4.3.0", "%s", quote.Short(err.Error(), maxText))
}

func changed() *Error {
	return newError(Message, "", "5.6.0", "the message is not the one that was judged: its SHA-256 is another; nothing was sent")
}

// fits tells whether the server can take the message at all, before any of it is offered.
func (s *session) fits(what shape, from string, rcpts []string, size int64) *Error {
	bad := func(enhanced, format string, args ...any) *Error {
		return newError(Message, "EHLO", enhanced, quote.Text(s.o.address())+" "+format, args...)
	}
	if most, ok := s.client.MaxMessageSize(); ok && most > 0 && size > int64(most) {
		return bad("5.3.4", "takes messages of up to %d octets (SIZE), and this one has %d", most, size)
	}
	if ok, _ := s.client.Extension("8BITMIME"); !ok && (what.eightBitBody || what.eightBitHead) {
		return bad("5.6.3", "does not offer 8BITMIME, and the message holds octets above 127: encode it as quoted-printable or base64")
	}
	if utf8Needed(what, from, rcpts) {
		if ok, _ := s.client.Extension("SMTPUTF8"); !ok {
			return bad("5.6.7", "does not offer SMTPUTF8, and the header or an address holds octets above 127: encode the header (RFC 2047), write domains as xn--")
		}
	}
	return nil
}

func utf8Needed(what shape, from string, rcpts []string) bool {
	return what.eightBitHead || !ascii([]byte(from)) || slices.ContainsFunc(rcpts, func(r string) bool { return !ascii([]byte(r)) })
}

// envelope names sender and recipients. All recipients are named even when one is refused, so that the user learns of all at
// once.
func (s *session) envelope(what shape, from string, rcpts []string, size int64) *Error {
	if err := s.client.Mail(from, &smtp.MailOptions{Size: size, UTF8: utf8Needed(what, from, rcpts)}); err != nil {
		return s.fail("MAIL", err)
	}
	var all *Error
	for _, r := range rcpts {
		err := s.client.Rcpt(r, nil)
		if err == nil {
			continue
		}
		e := s.fail("RCPT", err)
		if e.Code/100 != 4 && e.Code/100 != 5 || e.Code == 421 {
			return e // the session is over, the recipient is not to blame
		}
		_, text, _ := strings.Cut(e.Text, ": ")
		if all == nil {
			all = e
		} else if e.Kind == Permanent && all.Kind != Permanent {
			all.Kind, all.Enhanced, all.Code = e.Kind, e.Enhanced, e.Code
		}
		all.Refused = append(all.Refused, Refusal{Recipient: quote.Short(r, maxAddress), Code: e.Code, Enhanced: e.Enhanced, Text: text})
	}
	if all != nil {
		all.Text = quote.Text(s.o.address()) + " refuses " + recipients(len(all.Refused), len(rcpts)) + ", and nothing was sent to anybody"
	}
	return all
}

// data sends the message. Until the final dot is on its way a failure means that the message was not taken; from then on only
// the server's answer tells.
func (s *session) data(msg io.ReaderAt, size int64, want [32]byte) (Reply, *Error) {
	code, text, err := s.command("DATA", s.o.Limits.Command)
	switch {
	case err != nil:
		return Reply{}, s.fail("DATA", err)
	case code != 354:
		s.quit()
		return Reply{}, s.refused("DATA", code, text)
	}
	type answer struct {
		code int
		text string
		err  error
	}
	// The answer is waited for from the beginning: a server may give up on a message that is too large, and no longer read.
	answers := make(chan answer, 1)
	if s.guard.early() {
		return Reply{}, s.fail("DATA", errOutOfTurn)
	}
	var answered atomic.Bool
	s.guard.left = maxReply
	go func() {
		code, text, err := s.text.ReadResponse(0)
		answered.Store(true)
		s.conn.SetWriteDeadline(time.Unix(1, 0)) // ends a Write that waits for the server to read
		answers <- answer{code, text, err}
	}()
	w := writerFunc(func(p []byte) (int, error) {
		s.conn.SetWriteDeadline(soon(s.o.Limits.Block))
		if answered.Load() {
			return 0, errOutOfTurn
		}
		return s.conn.Write(p)
	})
	digest, err := stuff(w, msg, size)
	s.total.Stop()
	// The dot is not sent when the server has answered already, and never after a message that is not the judged one.
	s.conn.SetDeadline(soon(s.o.Limits.Final))
	switch {
	case answered.Load():
		a := <-answers
		return Reply{}, s.early(a.code, a.text, a.err)
	case err != nil:
		return Reply{}, s.unfinished(err)
	case digest != want:
		return Reply{}, changed()
	case s.late.Load(), s.ctx.Err() != nil:
		return Reply{}, s.fail("DATA", net.ErrClosed)
	}
	_, lost := s.conn.Write([]byte(".\r\n"))
	a := <-answers
	switch {
	case a.err != nil, a.code/100 == 2 && lost != nil, a.code/100 != 2 && a.code/100 != 4 && a.code/100 != 5:
		return Reply{}, s.uncertain(a.code, a.text, a.err)
	case a.code/100 != 2:
		s.quit()
		return Reply{}, s.refused("end of data", a.code, a.text)
	}
	s.conn.SetDeadline(time.Time{})
	s.quit()
	reply := Reply{Code: a.code, Digest: digest, Octets: size}
	reply.Enhanced, _ = enhancedCode(a.code, a.text)
	reply.Text = s.secrets.clean(a.text)
	if conn, ok := s.conn.(*tls.Conn); ok {
		reply.TLS = tls.VersionName(conn.ConnectionState().Version)
	}
	return reply, nil
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// early explains an answer that came before the end of the message, which the server then has not got.
func (s *session) early(code int, text string, err error) *Error {
	switch {
	case err != nil:
		return s.fail("DATA", err)
	case code/100 == 4 || code/100 == 5:
		return s.refused("DATA", code, text)
	}
	e := newError(Temporary, "DATA", "4.5.0", "%s answers before the message has ended, with %d %s", quote.Text(s.o.address()), code, s.secrets.clean(text))
	e.Code = code
	return e
}

// unfinished explains a message that could not be sent to its end.
func (s *session) unfinished(err error) *Error {
	var form *formError
	if errors.As(err, &form) || errors.Is(err, errShort) {
		return messageError(err)
	}
	return s.fail("DATA", err)
}

func (s *session) uncertain(code int, text string, err error) *Error {
	why := ""
	if err != nil {
		why = s.fail("end of data", err).Text
	} else {
		why = s.refused("end of data", code, text).Text
	}
	e := newError(Uncertain, "end of data", "4.4.2", "the message was sent and the answer was lost: the server may have taken it, and sending it again may send it twice (%s)", why)
	e.Code, e.cause = code, s.ctx.Err()
	return e
}

func recipients(n, of int) string {
	switch {
	case n == 1 && of == 1:
		return "the recipient"
	case n == of:
		return fmt.Sprintf("all %d recipients", n)
	}
	return fmt.Sprintf("%d of %d recipients", n, of)
}
