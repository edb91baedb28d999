package facts

import (
	"strings"

	"golang.org/x/net/html"
)

// htmlTokens reads the tokens of an HTML text as html.Tokenizer does, without copying what needs no decoding, as long as they are of
// the usual kind: it gives up where it comes to a script, to what never ends, or to what it does not know how to decode.
type htmlTokens struct {
	text string
	pos  int    // of the next token
	raw  string // the element whose content is no markup, and comes next: style, title...

	kind   html.TokenType // of the token; a comment is anything that is not looked at
	begins int            // where it begins
	data   string         // of text, decoded
	name   []byte         // of an element, in lower case
	attr   attributes
	odd    int // attributes that html.Tokenizer had to decode
	room   [32]byte
}

// maxOdd bounds the attributes for each of which a tokenizer is made.
const maxOdd = 16

// begin begins with a text. It is false for one with octets that the tokenizer treats apart.
func (t *htmlTokens) begin(text string) bool {
	if strings.IndexByte(text, 0) >= 0 {
		return false
	}
	if strings.IndexByte(text, '\r') >= 0 {
		if text = strings.ReplaceAll(text, "\r\n", "\n"); strings.IndexByte(text, '\r') >= 0 {
			return false
		}
	}
	*t = htmlTokens{text: text}
	return true
}

// next reads a token. It is false if it cannot, or there is none; the rest of the text begins at pos then.
func (t *htmlTokens) next() bool {
	s, i := t.text, t.pos
	t.begins = i
	if t.raw != "" {
		if end := t.endOfRaw(); end > i {
			t.kind, t.data, t.pos = html.TextToken, s[i:end], end
			if t.raw == "title" || t.raw == "textarea" {
				t.data = html.UnescapeString(t.data)
			}
			t.raw = ""
			return true
		}
		t.raw = ""
	}
	for i < len(s) {
		k := strings.IndexByte(s[i:], '<')
		if k < 0 || i+k+1 == len(s) {
			i = len(s)
			break
		}
		if i += k; isLetter(s[i+1]) || s[i+1] == '/' || s[i+1] == '!' || s[i+1] == '?' {
			break
		}
		i++
	}
	if i > t.pos {
		t.kind, t.data, t.pos = html.TextToken, html.UnescapeString(s[t.pos:i]), i
		return true
	}
	switch {
	case i == len(s):
		return false
	case s[i+1] == '!' || s[i+1] == '?' || s[i+1] == '/' && i+2 < len(s) && !isLetter(s[i+2]):
		return t.comment()
	case s[i+1] == '/':
		t.kind = html.EndTagToken
		return t.tag(i+2, false)
	}
	t.kind = html.StartTagToken
	return t.tag(i+1, true)
}

// endOfRaw gives the end of the text of an element whose content is no markup.
func (t *htmlTokens) endOfRaw() int {
	s := t.text
	for i := t.pos; ; {
		k := strings.Index(s[i:], "</")
		if k < 0 {
			return len(s)
		}
		i += k + 2
		end := i + len(t.raw)
		if end < len(s) && equalFold(octetsOf(s[i:end]), t.raw) && (isPatternSpace(s[end]) || s[end] == '/' || s[end] == '>') {
			return i - 2
		}
	}
}

// comment passes over a comment or declaration.
func (t *htmlTokens) comment() bool {
	s := t.text[t.pos:]
	end := strings.IndexByte(s[2:], '>') + 3
	if strings.HasPrefix(s, "<!--") {
		body := s[4:]
		end = strings.Index(body, "-->") + 7
		if end < 7 || body[0] == '>' || strings.HasPrefix(body, "->") || strings.Contains(body[:end-7], "--!") {
			return false
		}
	}
	if end < 3 {
		return false
	}
	t.kind = html.CommentToken
	t.pos += end
	return true
}

func endsName(c byte) bool { return c == '/' || c == '>' || isPatternSpace(c) }

// tag reads a tag whose name begins at i.
func (t *htmlTokens) tag(i int, attributes bool) bool {
	s := t.text
	from := i
	for i < len(s) && !endsName(s[i]) {
		i++
	}
	t.name = appendLower(t.room[:0], s[from:i])
	t.attr.reset()
	seen := uint32(0)
	for {
		if i = skipSpace(s, i); i >= len(s) {
			return false
		}
		if s[i] == '>' {
			break
		}
		key := i
		if s[i] == '=' {
			i++
		}
		for i < len(s) && s[i] != '=' && !endsName(s[i]) {
			i++
		}
		name := s[key:i]
		from, to := i, i
		if i = skipSpace(s, i); i >= len(s) {
			return false
		}
		switch s[i] {
		case '/':
			i++
		case '=':
			if i = skipSpace(s, i+1); i >= len(s) {
				return false
			}
			switch quote := s[i]; quote {
			case '>':
			case '"', '\'':
				from = i + 1
				k := strings.IndexByte(s[from:], quote)
				if k < 0 {
					return false
				}
				to = from + k
				i = to + 1
			default:
				from = i
				for i < len(s) && s[i] != '>' && !isPatternSpace(s[i]) {
					i++
				}
				to = i
			}
		}
		if !attributes || name == "" {
			continue
		}
		var b [16]byte
		if len(name) > len(b) {
			continue // none that is looked at
		}
		at, bit := t.attr.of(appendLower(b[:0], name))
		if bit == 0 || seen&bit != 0 {
			continue
		}
		seen |= bit
		value, ok := t.attribute(s[from:to])
		if !ok {
			return false
		}
		if at != nil && *at == "" {
			*at = value
		}
	}
	t.pos = i + 1
	if attributes {
		switch string(t.name) {
		case "script", "plaintext":
			t.pos = t.begins
			return false
		case "style", "title", "textarea", "iframe", "noembed", "noframes", "noscript", "xmp":
			t.raw = string(t.name)
		}
	}
	return true
}

func appendLower(b []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return b
}

// attribute decodes the value of an attribute. In one, what looks like a character reference without its semicolon may be none.
func (t *htmlTokens) attribute(v string) (string, bool) {
	i := strings.IndexByte(v, '&')
	if i < 0 {
		return v, true
	}
	var b strings.Builder
	b.WriteString(v[:i])
	for rest := v[i:]; rest != ""; {
		n := 1
		numeric := len(rest) > 1 && rest[1] == '#'
		if numeric {
			n++
		}
		end := run(rest, n, func(c byte) bool { return isLetter(c) || isDigit(c) })
		switch {
		case end == n && !numeric, !numeric && octet(rest, end) == '=':
			b.WriteString(rest[:end])
		case end > n && octet(rest, end) == ';' && (!numeric && end <= 5 && usualReferences[rest[1:end]] || numeric && allDigits(rest[n:end])):
			end++
			b.WriteString(html.UnescapeString(rest[:end]))
		default:
			return t.oddAttribute(v)
		}
		rest = rest[end:]
		next := strings.IndexByte(rest, '&')
		if next < 0 {
			next = len(rest)
		}
		b.WriteString(rest[:next])
		rest = rest[next:]
	}
	return b.String(), true
}

var usualReferences = map[string]bool{"amp": true, "lt": true, "gt": true, "quot": true, "nbsp": true}

// oddAttribute has html.Tokenizer decode a value.
func (t *htmlTokens) oddAttribute(v string) (string, bool) {
	quote := `"`
	if strings.Contains(v, quote) {
		quote = "'"
	}
	if t.odd++; t.odd > maxOdd || strings.Contains(v, quote) {
		return "", false
	}
	z := html.NewTokenizer(strings.NewReader("<a b=" + quote + v + quote + ">"))
	z.Next()
	_, val, _ := z.TagAttr()
	return string(val), true
}
