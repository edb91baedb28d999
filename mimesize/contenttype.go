package mimesize

import (
	"bytes"
	"strings"
)

// maxBoundary is the longest boundary that is matched, Postfix's mime_boundary_length_limit. RFC 2046 section 5.1.1 allows 70.
const maxBoundary = 2048

// contentType is what the scan needs of a Content-Type field.
type contentType struct {
	mediaType string // "" if the field gives none that can be used
	boundary  []byte // nil if there is none
	syntax    bool   // not what RFC 2045 section 5.1 allows, though it could be read
	comment   bool   // holds a comment outside quotes
	unclear   bool   // names no type, but some readers find a multipart in it
	ambiguous bool   // two boundary parameters, or one in a form that readers treat differently
}

// parseContentType reads a field's value, folded as it stands in the message. It is linear and never gives up: what cannot
// be read is left out and flagged.
func parseContentType(v []byte, scratch []byte) contentType {
	var ct contentType
	p := paramReader{v: v}
	typ := p.token('/', ';')
	sub := []byte(nil)
	p.space()
	if p.peek() == '/' {
		p.i++
		sub = p.token(';', ',') // QUIRK: "text/html, charset=utf-8"
	}
	ct.mediaType = mediaType(typ, sub)
	if kind := bytes.Trim(typ, `"'`); len(kind) < len(typ) && bytes.EqualFold(kind, []byte("text")) {
		ct.mediaType = mediaType(kind, bytes.Trim(sub, `"'`)) // QUIRK: some read "text/html" in quotes
	}
	if ct.mediaType == "" || len(typ) == 0 || len(sub) == 0 || !isToken(typ) || !isToken(sub) {
		ct.syntax = true
		ct.unclear = !strings.HasPrefix(ct.mediaType, "multipart/") && mentionsMultipart(v)
	}
	// RFC 2231 section 3 lets any parameter be continued: boundary*0="a"; boundary*1="b".
	var pieces [10][]byte
	plain := false
	for {
		name, value, ok := p.param()
		if !ok {
			break
		}
		if len(name) < 8 || !bytes.EqualFold(name[:8], []byte("boundary")) {
			continue
		}
		switch rest := name[8:]; {
		case len(rest) == 0:
			if plain && !bytes.Equal(ct.boundary, value) {
				ct.ambiguous = true // the first wins, as in most readers
				continue
			}
			plain = true
			ct.boundary = append(scratch[:0], value...)
		case len(rest) == 2 && rest[0] == '*' && rest[1] >= '0' && rest[1] <= '9':
			pieces[rest[1]-'0'] = append([]byte{}, value...)
		default:
			ct.ambiguous = true
			if rest[0] == '*' && !plain && ct.boundary == nil {
				// boundary*=charset'language'value
				if i := bytes.LastIndexByte(value, '\''); i >= 0 {
					value = value[i+1:]
				}
				ct.boundary = append(scratch[:0], value...)
			}
		}
	}
	if pieces[0] != nil {
		ct.ambiguous = true
		if !plain {
			ct.boundary = scratch[:0]
			for _, b := range pieces {
				if b == nil {
					break
				}
				ct.boundary = append(ct.boundary, b...)
			}
		}
	}
	ct.comment = p.comment
	ct.syntax = ct.syntax || p.bad
	return ct
}

// mediaType joins type and subtype in lower case, without allocating for the usual ones.
func mediaType(typ, sub []byte) string {
	var buf [80]byte
	switch {
	case len(typ) == 0:
		return ""
	case len(sub) == 0 && bytes.EqualFold(typ, []byte("multipart")):
		return "multipart/mixed" // QUIRK: "multipart" alone is read as a multipart by some, as text by others
	case len(sub) == 0:
		return ""
	}
	b := buf[:0]
	b = append(append(append(b, typ...), '/'), sub...)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	switch string(b) { // no allocation in the comparison
	case "text/plain":
		return "text/plain"
	case "text/html":
		return "text/html"
	case "multipart/mixed":
		return "multipart/mixed"
	case "multipart/alternative":
		return "multipart/alternative"
	case "multipart/related":
		return "multipart/related"
	case "application/octet-stream":
		return "application/octet-stream"
	case "application/pdf":
		return "application/pdf"
	case "image/jpeg":
		return "image/jpeg"
	case "image/png":
		return "image/png"
	case "message/rfc822":
		return "message/rfc822"
	}
	return strings.Clone(string(b))
}

// mentionsMultipart tells that v names a multipart in a place where it is none, or holds an encoded word, which some readers decode
// before they look.
func mentionsMultipart(v []byte) bool {
	const name = "multipart"
	for i := 0; i+len(name) <= len(v); i++ {
		if v[i]|0x20 == 'm' && bytes.EqualFold(v[i:i+len(name)], []byte(name)) {
			return true
		}
	}
	return bytes.Contains(v, []byte("=?"))
}

// tokenChar tells of an octet that a token may hold it (RFC 2045 section 5.1).
var tokenChar = func() (t [256]bool) {
	for i := range t {
		c := byte(i)
		t[i] = c > ' ' && c < 0x7f && strings.IndexByte(`()<>@,;:\"/[]?=`, c) < 0
	}
	return t
}()

func isToken(b []byte) bool {
	for _, c := range b {
		if !tokenChar[c] {
			return false
		}
	}
	return len(b) > 0
}

// paramReader steps through a structured field value (RFC 2045 section 5.1), skipping folding and comments.
type paramReader struct {
	v       []byte
	i       int
	bad     bool
	comment bool
	value   []byte // of the last quoted string that held an escape
}

func (p *paramReader) peek() byte {
	if p.i < len(p.v) {
		return p.v[p.i]
	}
	return 0
}

// space skips white space, folding and comments. Comments nest (RFC 5322 section 3.2.2); one that is not closed ends the value.
func (p *paramReader) space() {
	if p.i < len(p.v) && tokenChar[p.v[p.i]] {
		return
	}
	depth := 0
	for p.i < len(p.v) {
		switch c := p.v[p.i]; {
		case depth == 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n'):
		case c == '(':
			depth++
			p.comment = true
		case depth == 0:
			return
		case c == ')':
			depth--
		case c == '\\':
			p.i++
		}
		p.i++
	}
	if depth > 0 {
		p.bad = true
	}
}

// token reads up to white space, a comment, stop or other.
func (p *paramReader) token(stop, other byte) []byte {
	p.space()
	v, from := p.v, p.i
	i := from
	for ; i < len(v); i++ {
		// What a token may hold ends none, so only the rest needs a second look.
		if c := v[i]; !tokenChar[c] && (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '(' || c == stop || c == other) {
			break
		}
	}
	p.i = i
	return v[from:i]
}

// param reads the next "; name=value". What stands between parameters and is none is skipped and flagged.
func (p *paramReader) param() (name, value []byte, ok bool) {
	for {
		p.space()
		for p.i < len(p.v) && p.v[p.i] != ';' {
			if p.v[p.i] == '"' { // a stray quoted string must not hide a semicolon
				p.quoted()
			} else {
				p.i++
			}
			p.bad = true
			p.space()
		}
		if p.i >= len(p.v) {
			return nil, nil, false
		}
		p.i++
		p.space()
		if p.i >= len(p.v) {
			return nil, nil, false // "; " at the end: common and harmless
		}
		if p.peek() == ';' {
			p.bad = true
			continue
		}
		name = p.token('=', ';')
		if len(name) == 0 {
			p.bad = true
		}
		p.space()
		if p.peek() != '=' {
			p.bad = true
			continue
		}
		p.i++
		p.space()
		if p.peek() == '"' {
			return name, p.quoted(), true
		}
		value = p.token(';', ';')
		if !isToken(value) {
			p.bad = true
		}
		return name, value, true
	}
}

// quoted reads a quoted string; folding inside is dropped, an unclosed one runs to the end.
func (p *paramReader) quoted() []byte {
	p.i++
	from := p.i
	simple := true
	for p.i < len(p.v) && p.v[p.i] != '"' {
		switch p.v[p.i] {
		case '\\':
			p.i++
			simple = false
		case '\r', '\n':
			simple = false
		}
		p.i++
	}
	if p.i >= len(p.v) {
		p.i = len(p.v)
		p.bad = true
	}
	raw := p.v[from:p.i]
	p.i++
	if p.i > len(p.v) {
		p.i = len(p.v)
	}
	if simple {
		return raw
	}
	p.value = p.value[:0]
	for j := 0; j < len(raw); j++ {
		switch c := raw[j]; c {
		case '\r', '\n':
		case '\\':
			if j++; j < len(raw) {
				p.value = append(p.value, raw[j])
			}
		default:
			p.value = append(p.value, c)
		}
	}
	return p.value
}

// parseEncoding reads a Content-Transfer-Encoding value; clean is false when more than the bare name stands there.
func parseEncoding(v []byte) (e Encoding, clean bool) {
	switch string(v) { // as nearly all write it
	case " 7bit":
		return Encoding7bit, true
	case " 8bit":
		return Encoding8bit, true
	case " quoted-printable":
		return EncodingQuotedPrintable, true
	case " base64":
		return EncodingBase64, true
	}
	p := paramReader{v: v}
	t := p.token(';', ',')
	p.space()
	clean = p.i >= len(p.v) && !p.comment
	for i := Encoding7bit; i < EncodingUnknown; i++ {
		if len(t) == len(encodingNames[i]) && strings.EqualFold(string(t), encodingNames[i]) {
			return i, clean
		}
	}
	if len(t) == 0 {
		return EncodingNone, false
	}
	return EncodingUnknown, clean
}
