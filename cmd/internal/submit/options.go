package submit

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"postern/cmd/internal/quote"
)

// Mode is how TLS begins.
type Mode uint8

// The modes. There is none without TLS.
const (
	// Implicit: TLS from the first octet, port 465 (RFC 8314).
	Implicit Mode = iota
	// StartTLS: TLS after STARTTLS, port 587 (RFC 3207). A server that does not offer it is sent nothing.
	StartTLS
)

// Options say where and how a message is submitted. The zero value lacks Host; everything else has a default.
type Options struct {
	Host string // name that the certificate must be for
	Port int    // 0 is 465, or 587 with StartTLS
	TLS  Mode
	// User logs in with Password; "" does not log in. Password is called once, when the server has proved its name.
	User     string
	Password func(context.Context) (string, error)
	// Pins are SHA-256 digests of public keys (SubjectPublicKeyInfo). With pins the server's own certificate must hold one of
	// these keys, and must be good besides.
	Pins [][32]byte
	// RootCAs are who may sign certificates, nil for those that the system trusts.
	RootCAs *x509.CertPool
	// LocalName is what EHLO says; "" is the machine's full name, or its address when it has none.
	LocalName string
	// Digest, if set, is the SHA-256 of the message that was judged. Another message is refused before it is sent.
	Digest *[32]byte
	Limits Timeouts
	// Dial opens the connection; nil is the system's way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Timeouts bound each phase. Zero values have the defaults that are named here.
type Timeouts struct {
	Connect time.Duration // 30 s
	TLS     time.Duration // handshake, 30 s
	Command time.Duration // greeting, and each command until the end of its reply, 2 min
	Block   time.Duration // each 64 KiB of the message, 3 min (RFC 5321 section 4.5.3.2.5)
	// Final is for the answer to the final dot, 10 min (RFC 5321 section 4.5.3.2.6). It is outside Total: an answer that we do
	// not wait for leaves everybody in doubt.
	Final time.Duration
	Total time.Duration // everything up to the final dot, 15 min
}

func (t Timeouts) orDefault() Timeouts {
	return Timeouts{
		Connect: cmp.Or(t.Connect, 30*time.Second),
		TLS:     cmp.Or(t.TLS, 30*time.Second),
		Command: cmp.Or(t.Command, 2*time.Minute),
		Block:   cmp.Or(t.Block, 3*time.Minute),
		Final:   cmp.Or(t.Final, 10*time.Minute),
		Total:   cmp.Or(t.Total, 15*time.Minute),
	}
}

// ready fills in what is not set, and tells what is wrong.
func (o Options) ready() (Options, *Error) {
	bad := func(format string, args ...any) *Error { return newError(Setup, "", "4.3.5", format, args...) }
	switch {
	case o.Host == "" || strings.ContainsAny(o.Host, "\x00\r\n /"):
		return o, bad("there is no host to submit to: %q", quote.Short(o.Host, 80))
	case o.Port < 0 || o.Port > 65535:
		return o, bad("port %d does not exist", o.Port)
	case o.TLS > StartTLS:
		return o, bad("TLS mode %d does not exist", o.TLS)
	case o.User != "" && o.Password == nil:
		return o, bad("there is a user and no password")
	case strings.ContainsAny(o.User, "\x00\r\n"):
		return o, bad("the user holds a control character")
	}
	if o.Port == 0 {
		o.Port = 465
		if o.TLS == StartTLS {
			o.Port = 587
		}
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	o.Limits = o.Limits.orDefault()
	return o, nil
}

// address is host and port, to connect to and to show.
func (o *Options) address() string { return net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) }

// localName is what EHLO says on conn (RFC 5321 section 4.1.1.1).
func (o *Options) localName(conn net.Conn) string {
	name := o.LocalName
	if name == "" {
		name, _ = os.Hostname()
	}
	if strings.Contains(name, ".") && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789.-") == "" {
		return name
	}
	if a, ok := conn.LocalAddr().(*net.TCPAddr); ok {
		if v4 := a.IP.To4(); v4 != nil {
			return fmt.Sprintf("[%s]", v4)
		}
		return fmt.Sprintf("[IPv6:%s]", a.IP)
	}
	return "[127.0.0.1]"
}

// maxAddress is the length of an address that fits a path of 256 octets (RFC 5321 section 4.5.3.1.3).
const maxAddress = 254

// checkAddress refuses what could be anything but one address inside MAIL FROM:<...> or RCPT TO:<...>.
func checkAddress(a string) string {
	inQuotes, at := false, -1
	for i := 0; i < len(a); i++ {
		switch c := a[i]; {
		case c < ' ' || c == 0x7f:
			return "holds a control character"
		case c == '<' || c == '>':
			return "holds < or >"
		case inQuotes && c == '\\':
			i++
			if i == len(a) || a[i] < ' ' || a[i] == 0x7f {
				return "ends in a backslash, or quotes a control character"
			}
		case c == '"':
			inQuotes = !inQuotes
		case inQuotes:
		case c == ' ' || c == ',' || c == ';':
			return "holds a space or a comma, and is not one address"
		case c == '@':
			at = i
		}
	}
	switch {
	case inQuotes:
		return "has a quotation mark that is never closed"
	case at <= 0 || at == len(a)-1:
		return "is not local-part@domain"
	case len(a) > maxAddress:
		return fmt.Sprintf("is longer than %d octets", maxAddress)
	}
	return ""
}

// checkEnvelope refuses an envelope that cannot be sent.
func checkEnvelope(from string, rcpts []string) *Error {
	if from != "" {
		if message := checkAddress(from); message != "" {
			return newError(Message, "", "5.1.7", "the sender %q %s", quote.Short(from, 80), message)
		}
	}
	if len(rcpts) == 0 {
		return newError(Usage, "", "5.1.3", "there is no recipient")
	}
	for _, r := range rcpts {
		if message := checkAddress(r); message != "" {
			return newError(Message, "", "5.1.3", "the recipient %q %s", quote.Short(r, 80), message)
		}
	}
	return nil
}
