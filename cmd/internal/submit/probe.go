package submit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-smtp"

	"postern/cmd/internal/quote"
)

// Report is what a server said. All texts are safe to print.
type Report struct {
	Port        int      // that was connected to
	StartTLS    bool     // offered in the clear
	TLS         string   // version, such as TLS 1.3; "" without TLS
	TLSProblem  string   // why there was no TLS
	Certificate string   // what is wrong with the certificate, "" if it is good for the host
	Names       []string // that the certificate is for
	Key         string   // as FormatPin writes it
	AuthClear   []string // ways to log in that are offered before TLS
	Auth        []string // and with it
	Login       string   // "accepted", "refused", "" if it was not tried
	Size        int64    // octets, 0 without SIZE or with SIZE 0
	EightBit    bool
	UTF8        bool
}

// Probe asks a server what it offers, and sends no mail. With login it logs in too, if TLS and certificate are as good as Send
// wants them. An *Error means that the question was not answered; a server without TLS or with a bad certificate is an
// answer.
func Probe(ctx context.Context, o Options, login bool) (Report, error) {
	var r Report
	o, bad := o.ready()
	if bad != nil {
		return r, bad
	}
	r.Port = o.Port
	config := &tls.Config{
		ServerName: o.Host,
		// The certificate is looked at by inspect, which tells what is wrong with it, and nothing secret follows if something is.
		InsecureSkipVerify: true,
		MinVersion:         tls.VersionTLS10,
		VerifyConnection: func(cs tls.ConnectionState) error {
			r.inspect(&o, cs)
			return nil
		},
	}
	s, bad := open(ctx, o, config, func(c *smtp.Client) {
		r.StartTLS, _ = c.Extension("STARTTLS")
		r.AuthClear = mechanisms(c)
	})
	if bad != nil {
		if bad.Kind == TLS {
			r.TLSProblem = bad.Text
			return r, nil
		}
		return r, bad
	}
	defer s.close()
	r.Auth = mechanisms(s.client)
	if n, ok := s.client.MaxMessageSize(); ok {
		r.Size = int64(n)
	}
	r.EightBit, _ = s.client.Extension("8BITMIME")
	r.UTF8, _ = s.client.Extension("SMTPUTF8")
	safe := r.Certificate == "" && s.conn.(*tls.Conn).ConnectionState().Version >= tls.VersionTLS12
	if login && o.User != "" && safe && len(r.Auth) > 0 {
		switch bad := s.login(); {
		case bad == nil:
			r.Login = "accepted"
		case bad.Kind == Auth && bad.Code/100 == 5:
			r.Login = "refused"
			return r, nil
		default:
			return r, bad
		}
	}
	s.quit()
	return r, nil
}

// inspect notes what the handshake showed.
func (r *Report) inspect(o *Options, cs tls.ConnectionState) {
	r.TLS = tls.VersionName(cs.Version)
	if len(cs.PeerCertificates) == 0 {
		r.Certificate = "the server shows no certificate"
		return
	}
	leaf := cs.PeerCertificates[0]
	r.Key = FormatPin(keyDigest(leaf))
	for _, name := range leaf.DNSNames {
		r.Names = append(r.Names, quote.Short(name, 100))
	}
	for _, ip := range leaf.IPAddresses {
		r.Names = append(r.Names, ip.String())
	}
	r.Names = r.Names[:min(len(r.Names), 20)]
	between := x509.NewCertPool()
	for _, c := range cs.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: o.Host, Roots: o.RootCAs, Intermediates: between})
	if err == nil {
		err = o.checkPin(cs.PeerCertificates)
	}
	if err != nil {
		r.Certificate = certificateText(err)
	}
}

func certificateText(err error) string {
	var name x509.HostnameError
	text := err.Error()
	if errors.As(err, &name) && len(name.Certificate.DNSNames) == 0 && len(name.Certificate.IPAddresses) == 0 {
		text = "it names no host"
	}
	return quote.Short(strings.TrimPrefix(text, "x509: "), maxText)
}

// mechanisms are the ways to log in that a server offers, in its order.
func mechanisms(c *smtp.Client) []string {
	_, offered := c.Extension("AUTH")
	var out []string
	for _, m := range strings.Fields(strings.ToUpper(offered)) {
		if m = quote.Short(m, 40); !slices.Contains(out, m) && len(out) < 20 {
			out = append(out, m)
		}
	}
	return out
}
