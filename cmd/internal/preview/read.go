// Package preview shows a message as its readers would see it: one HTML page with the message in a frame that can neither
// run scripts nor load anything, its header, findings and size. It opens no connection.
package preview

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

const (
	maxDepth = 20       // levels of multipart
	maxParts = 1000     // of a message
	maxPart  = 16 << 20 // octets of one decoded part
)

// Message is what a page shows of a message.
type Message struct {
	// Header are the fields, decoded, in the order of the message.
	Header []Field
	// HTML and Text are the first bodies of their kinds, decoded from their transfer encoding but not from their charset.
	HTML, Text []byte
	// HasHTML and HasText tell whether there are such bodies, which can be empty.
	HasHTML, HasText bool
	// Images are the pictures that HTML can show by their Content-ID.
	Images map[string]Image
	// Attachments are the names of the other parts.
	Attachments []string

	parts int
}

// Field is a field of the header.
type Field struct{ Name, Value string }

// Image is a part that HTML shows.
type Image struct {
	Type string
	Data []byte
}

// Read takes a message apart as far as that is needed to show it. What cannot be read is left out: a preview decides nothing.
func Read(b []byte) *Message {
	m := &Message{Images: map[string]Image{}}
	msg, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		m.Text, m.HasText = b, true
		return m
	}
	m.header(b)
	m.part(textproto.MIMEHeader(msg.Header), msg.Body, 0)
	return m
}

// header reads the fields in their order, which net/mail does not keep.
func (m *Message) header(b []byte) {
	var dec mime.WordDecoder
	for line := range bytes.Lines(b) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if n := len(m.Header); (line[0] == ' ' || line[0] == '\t') && n > 0 {
			m.Header[n-1].Value += " " + string(bytes.TrimSpace(line))
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if ok && len(m.Header) < maxParts {
			m.Header = append(m.Header, Field{string(bytes.TrimSpace(name)), string(bytes.TrimSpace(value))})
		}
	}
	for i := range m.Header {
		f := &m.Header[i]
		if s, err := dec.DecodeHeader(f.Value); err == nil {
			f.Value = s
		}
		f.Value = strings.ToValidUTF8(f.Value, "\ufffd")
	}
}

func (m *Message) part(h textproto.MIMEHeader, r io.Reader, depth int) {
	if m.parts++; m.parts > maxParts || depth > maxDepth {
		return
	}
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		mr := multipart.NewReader(r, params["boundary"])
		for {
			p, err := mr.NextRawPart()
			if err != nil {
				return
			}
			m.part(p.Header, p, depth+1)
		}
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	disposition, named, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	b, _ := io.ReadAll(io.LimitReader(r, maxPart))
	id := strings.Trim(strings.TrimSpace(h.Get("Content-Id")), "<>")
	switch {
	case kind == "text/html" && disposition != "attachment" && !m.HasHTML:
		m.HTML, m.HasHTML = b, true
	case kind == "text/plain" && disposition != "attachment" && !m.HasText:
		m.Text, m.HasText = b, true
	case id != "" && strings.HasPrefix(kind, "image/"):
		m.Images[id] = Image{kind, b}
	default:
		name := named["filename"]
		if name == "" {
			name = kind
		}
		m.Attachments = append(m.Attachments, name)
	}
}
