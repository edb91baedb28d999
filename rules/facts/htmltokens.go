package facts

import (
	"strings"

	"golang.org/x/net/html"
)

// htmlTokens reads the tokens of an HTML text as html.Tokenizer does, without copying what needs no decoding, as long as they are of
// the usual kind: it gives up where it comes to what never ends, or to plaintext.
type htmlTokens struct {
	text  string // with LF for each line end
	given string // as it came, if it has CR that no LF follows
	bare  []int  // where text has LF for these, which end no line
	nul   bool   // text holds NUL
	pos   int    // of the next token
	raw   string // the element whose content is no markup, and comes next: style, title...

	kind   html.TokenType // of the token; a comment is anything that is not looked at
	begins int            // where it begins
	data   string         // of text, decoded
	name   []byte         // of an element, in lower case
	attr   attributes
	room   [32]byte
}

// begin begins with a text.
func (t *htmlTokens) begin(text string) {
	*t = htmlTokens{text: text, nul: strings.IndexByte(text, 0) >= 0}
	if strings.IndexByte(text, '\r') < 0 {
		return
	}
	if t.text = strings.ReplaceAll(text, "\r\n", "\n"); strings.IndexByte(t.text, '\r') < 0 {
		return
	}
	t.given = text
	b := make([]byte, 0, len(text))
	for i := range len(text) {
		c := text[i]
		if c == '\r' {
			if octet(text, i+1) == '\n' {
				continue
			}
			t.bare = append(t.bare, len(b))
			c = '\n'
		}
		b = append(b, c)
	}
	t.text = viewOf(b)
}

// lines gives how many lines end in the token.
func (t *htmlTokens) lines() int {
	n := strings.Count(t.text[t.begins:t.pos], "\n")
	for len(t.bare) > 0 && t.bare[0] < t.pos {
		t.bare = t.bare[1:]
		n--
	}
	return n
}

// rest gives what is left of the text.
func (t *htmlTokens) rest() string {
	if t.given == "" {
		return t.text[t.pos:]
	}
	i := 0
	for range t.pos {
		if t.given[i] == '\r' && octet(t.given, i+1) == '\n' {
			i++
		}
		i++
	}
	return t.given[i:]
}

// next reads a token. It is false if it cannot, or there is none; the rest of the text begins at pos then.
func (t *htmlTokens) next() bool {
	s, i := t.text, t.pos
	t.begins = i
	if t.raw != "" {
		if end := t.endOfRaw(); end > i {
			t.kind, t.data, t.pos = html.TextToken, t.withoutNUL(s[i:end]), end
			if t.raw == "title" || t.raw == "textarea" {
				t.data = unescapeText(t.data)
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
		t.kind, t.data, t.pos = html.TextToken, unescapeText(s[t.pos:i]), i
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
	if t.raw == "script" {
		return endOfScript(s, t.pos)
	}
	for i := t.pos; ; {
		k := strings.Index(s[i:], "</")
		if k < 0 {
			return len(s)
		}
		i += k + 2
		if beginsTag(s[i:], t.raw) {
			return i - 2
		}
	}
}

// beginsTag tells whether s begins with the name of a tag, which is in lower case, and not with a longer one.
func beginsTag(s, name string) bool {
	return len(s) > len(name) && equalFold(octetsOf(s[:len(name)]), name) && endsName(s[len(name)])
}

// endOfScript gives the end of the script that s[i:] begins with. What looks like a comment in it may hold scripts with their end
// tags (HTML section 13.2.5.15 and those that follow).
func endOfScript(s string, i int) int {
	comment, inner := false, false
	for i < len(s) {
		switch {
		case s[i] == '-' && comment && strings.HasPrefix(s[i:], "-->"):
			comment, inner = false, false
		case s[i] != '<':
		case !comment && strings.HasPrefix(s[i:], "<!--"):
			comment = true
			i++ // these hyphens can be those of its end
		case comment && !inner && beginsTag(s[i+1:], "script"):
			inner = true
		case octet(s, i+1) == '/' && beginsTag(s[i+2:], "script"):
			if !inner {
				return i
			}
			inner = false
		}
		i++
	}
	return i
}

// withoutNUL is the text with U+FFFD for each NUL.
func (t *htmlTokens) withoutNUL(s string) string {
	if !t.nul {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "\ufffd")
}

// comment passes over a comment or declaration.
func (t *htmlTokens) comment() bool {
	s := t.text[t.pos:]
	end := strings.IndexByte(s[2:], '>') + 3
	if strings.HasPrefix(s, "<!--") {
		end = endOfComment(s)
	}
	if end < 3 {
		return false
	}
	t.kind = html.CommentToken
	t.pos += end
	return true
}

// endOfComment gives the end of the comment that s begins with, 0 if it has none.
func endOfComment(s string) int {
	hyphens, begins := 0, true
	for i := len("<!--"); i < len(s); i++ {
		switch s[i] {
		case '-':
			hyphens++
			continue
		case '>':
			if hyphens >= 2 || begins {
				return i + 1
			}
		case '!':
			if hyphens >= 2 {
				i++
				switch octet(s, i) {
				case '>':
					return i + 1
				case '-':
					hyphens, begins = 1, false
					continue
				}
			}
		}
		hyphens, begins = 0, false
	}
	return 0
}

func endsName(c byte) bool { return c == '/' || c == '>' || isPatternSpace(c) }

// tag reads a tag whose name begins at i.
func (t *htmlTokens) tag(i int, attributes bool) bool {
	s := t.text
	from := i
	for i < len(s) && !endsName(s[i]) {
		i++
	}
	t.name = appendLower(t.room[:0], t.withoutNUL(s[from:i]))
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
		if value := attributeValue(t.withoutNUL(s[from:to])); at != nil && *at == "" {
			*at = value
		}
	}
	t.pos = i + 1
	if attributes {
		switch string(t.name) {
		case "plaintext":
			t.pos = t.begins
			return false
		case "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp":
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

// attributeValue decodes the value of an attribute. In one, what looks like a character reference without its semicolon may be none.
func attributeValue(v string) string {
	i := strings.IndexByte(v, '&')
	if i < 0 {
		return v
	}
	var b strings.Builder
	b.Grow(len(v))
	b.WriteString(v[:i])
	for rest := v[i:]; rest != ""; {
		n := 1
		if octet(rest, 1) == '#' {
			n++
		}
		end := run(rest, n, func(c byte) bool { return isLetter(c) || isDigit(c) })
		if octet(rest, end) == ';' {
			end++
		}
		b.WriteString(attributeReference(rest[:end], octet(rest, end)))
		rest = rest[end:]
		next := strings.IndexByte(rest, '&')
		if next < 0 {
			next = len(rest)
		}
		b.WriteString(rest[:next])
		rest = rest[next:]
	}
	return b.String()
}

// attributeReference decodes a character reference in the value of an attribute. It counts as a whole or not at all, and without a semicolon
// not before "=" (HTML section 13.2.5.73).
func attributeReference(s string, next byte) string {
	last := s[len(s)-1]
	if last == '&' || s[1] != '#' && last != ';' && next == '=' {
		return s
	}
	text := unescapeText(s)
	if s[1] == '#' {
		return text
	}
	// Where only its beginning is one, its end is left. None without a semicolon means a letter or digit of ASCII.
	end := text[len(text)-1]
	if last == ';' && end == ';' && s != "&semi;" || last != ';' && (isLetter(end) || isDigit(end)) {
		return s
	}
	return text
}
