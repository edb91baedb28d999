package sendmail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"postern/cmd/internal/gate"
	"postern/mimesize"
	"postern/rules/facts"
)

var errChanged = errors.New("the file changed while it was read")

// Facts makes the facts of the message as it will be handed on. An error means that there is nothing to judge, or that what would be
// judged is not what would be sent.
func (m *Message) Facts(env Envelope, webScript bool, o facts.Options) (*facts.Facts, *Error) {
	failed := func(err error) *Error { return &Error{Live: gate.Failed, Err: err, Hint: "nothing was sent"} }
	scanner := mimesize.Scanner{SizesOnly: o.Without&facts.Census != 0}
	var res *mimesize.Result
	var from io.ReaderAt = m.File
	if m.octets != nil {
		res, from = scanner.ScanBytes(m.octets), sealed{bytes.NewReader(m.octets), m.octets}
	} else {
		var err error
		if res, err = scanner.Scan(io.NewSectionReader(m.File, 0, m.Octets)); err != nil {
			return nil, failed(fmt.Errorf("the message cannot be read: %w", err))
		}
	}
	if res.Prefix.Length+res.StoredBytes != m.Octets {
		return nil, failed(errChanged)
	}
	if res.StoredBytes == 0 {
		return nil, failed(errEmpty)
	}
	sender := env.Sender
	f := facts.Make(from, m.Octets, res, &facts.Envelope{From: &sender, To: env.Recipients, WebScript: webScript}, o)
	if f.Recipients.BccFields+f.Recipients.ResentBccFields > 0 {
		return nil, &Error{Live: gate.Malformed, Err: fmt.Errorf("a Bcc field cannot be told from the rest of the message"),
			Hint: "an empty line ends the header"}
	}
	if f.Recipients.EnvelopeUnique > len(env.Recipients) {
		return nil, failed(fmt.Errorf("%d recipients read as %d", len(env.Recipients), f.Recipients.EnvelopeUnique))
	}
	return f, nil
}

// sealed are the octets of a file that nobody can change any more.
type sealed struct {
	io.ReaderAt
	octets []byte
}

// InMemory gives all of them, see facts.Make.
func (s sealed) InMemory() []byte { return s.octets }

// WebScript tells whether the caller is a web script: as is set, "always" or "never", or by the environment that a web server gives
// it. CGI gives every script GATEWAY_INTERFACE and REQUEST_METHOD (RFC 3875 section 4.1), and SERVER_PROTOCOL. Scripts inside a web
// server (mod_php, PHP-FPM) need not show it; there the header of the message does, or the configuration has to say it.
func WebScript(set string, environ []string) bool {
	switch set {
	case "always":
		return true
	case "never":
		return false
	}
	var gateway, method, server bool
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		if value == "" {
			continue
		}
		switch name {
		case "GATEWAY_INTERFACE":
			gateway = true
		case "REQUEST_METHOD":
			method = true
		case "SERVER_PROTOCOL", "SERVER_SOFTWARE", "REQUEST_URI":
			server = true
		}
	}
	return gateway || method && server
}
