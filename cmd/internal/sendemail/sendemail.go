// Package sendemail makes the mail that git send-email is about to send out of what it hands to its hook sendemail-validate
// (githooks(5)): the file of the mail, and from git 2.41 on a second file with the header that it will send.
package sendemail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Message is a mail as it will be sent.
type Message struct {
	Octets []byte
	// Recipients are the addresses of To and Cc in the header, nil if they cannot be told.
	Recipients []string
	// Header is the number of lines of the header that do not stand in the file, with the empty line; 0 if the mail is that of
	// the file. Shift is what the lines after it have to be moved by to be those of the file.
	Header, Shift int64
}

// Line gives the line of the file for a line of the message, 0 for one of a header that the file does not have, and for 0.
func (m *Message) Line(n int64) int64 {
	if n <= m.Header {
		return 0
	}
	return n + m.Shift
}

// Make puts the mail together. Header is nil for git before 2.41, which hands over only the file; who will get the mail is
// then known from its own header. A line "From " before the header (format-patch writes mbox files) is not sent.
func Make(file, header []byte) *Message {
	skipped := 0
	if bytes.HasPrefix(file, []byte("From ")) {
		skipped = len(line(file))
	}
	if header == nil {
		m := &Message{Octets: file[skipped:]}
		if skipped > 0 {
			m.Shift = 1
		}
		return m
	}
	own, body := split(file[skipped:])
	m := &Message{Recipients: recipients(header)}
	header = bytes.TrimRight(header, "\r\n")
	body = encode(body, encoding(own), encoding(header))
	m.Octets = append(append(append([]byte{}, header...), "\n\n"...), body...)
	m.Header = int64(bytes.Count(header, []byte("\n"))) + 2
	before := int64(bytes.Count(file[:skipped], []byte("\n")) + bytes.Count(own, []byte("\n")) + 1)
	m.Shift = before - m.Header
	return m
}

// line gives the first line with its end.
func line(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1]
	}
	return b
}

// split parts header and body; the empty line between belongs to neither.
func split(b []byte) (header, body []byte) {
	for at := 0; at < len(b); {
		l := line(b[at:])
		if len(bytes.TrimRight(l, "\r\n")) == 0 {
			return b[:at], b[at+len(l):]
		}
		at += len(l)
	}
	return b, nil
}

// field gives the values of the fields of a name, unfolded.
func field(header []byte, name string) (out []string) {
	in := false
	for l := range bytes.Lines(header) {
		text := strings.TrimRight(string(l), "\r\n")
		if text == "" {
			break
		}
		if text[0] == ' ' || text[0] == '\t' {
			if in {
				out[len(out)-1] += " " + strings.TrimSpace(text)
			}
			continue
		}
		n, value, ok := strings.Cut(text, ":")
		if in = ok && strings.EqualFold(strings.TrimSpace(n), name); in {
			out = append(out, strings.TrimSpace(value))
		}
	}
	return out
}

func recipients(header []byte) []string {
	var out []string
	for _, v := range append(field(header, "To"), field(header, "Cc")...) {
		list, err := mail.ParseAddressList(v)
		if err != nil {
			return nil
		}
		for _, a := range list {
			out = append(out, a.Address)
		}
	}
	return out
}

// encoding is the transfer encoding that a header states, "" for one that leaves the octets as they are.
func encoding(header []byte) string {
	list := field(header, "Content-Transfer-Encoding")
	if len(list) == 0 {
		return ""
	}
	switch e := strings.ToLower(list[0]); e {
	case "quoted-printable", "base64":
		return e
	}
	return ""
}

// encode changes the transfer encoding of a body as git send-email does when it is told to. A body that cannot be decoded is sent as it is.
func encode(body []byte, from, to string) []byte {
	if from == to {
		return body
	}
	plain := body
	var err error
	switch from {
	case "quoted-printable":
		plain, err = io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
	case "base64":
		plain, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)))
	}
	if err != nil {
		return body
	}
	var b bytes.Buffer
	switch to {
	case "quoted-printable":
		w := quotedprintable.NewWriter(&b)
		w.Write(plain)
		w.Close()
		return bytes.ReplaceAll(b.Bytes(), []byte("\r\n"), []byte("\n"))
	case "base64":
		text := base64.StdEncoding.EncodeToString(plain)
		for len(text) > 76 {
			b.WriteString(text[:76] + "\n")
			text = text[76:]
		}
		b.WriteString(text + "\n")
		return b.Bytes()
	}
	return plain
}
