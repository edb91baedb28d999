package facts

import (
	"net/netip"
	"strings"
)

// stripComments takes comments out of a structured value (RFC 5322 section 3.2.2) in one pass. Parentheses in quoted strings
// and a comment without end stay.
func stripComments(s string) string {
	if strings.IndexByte(s, '(') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	depth, open, inQuote := 0, 0, false
	from := 0 // where the open comment begins in s
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && (depth > 0 || inQuote):
			if depth == 0 {
				b = append(b, c, s[i+1])
			}
			i++
			continue
		case c == '"' && depth == 0:
			inQuote = !inQuote
		case c == '(' && !inQuote:
			if depth == 0 {
				from, open = i, len(b)
			}
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				c = ' '
			}
		}
		if depth == 0 {
			b = append(b, c)
		}
	}
	if depth > 0 {
		b = append(b[:open], s[from:]...)
	}
	return string(b)
}

// splitID gives the two sides of a msg-id (RFC 5322 section 3.6.4), or false if s is none.
func splitID(s string) (left, right string, ok bool) {
	if len(s) < 5 || s[0] != '<' || s[len(s)-1] != '>' {
		return "", "", false
	}
	s = s[1 : len(s)-1]
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 {
		return "", "", false
	}
	left, right = s[:at], s[at+1:]
	if !dotAtom(left) && !quotedString(left) { // quoted: RFC 5322 section 4.5.4
		return "", "", false
	}
	if right[0] == '[' {
		return left, right, right[len(right)-1] == ']' && !strings.ContainsAny(right[1:len(right)-1], "[]\\ \t")
	}
	return left, right, dotAtom(right)
}

// oddHost tells whether the right side of a msg-id cannot be unique in the world: a local name, an address, template text.
func oddHost(right string) bool {
	host := strings.ToLower(strings.TrimSuffix(right, "."))
	if host[0] == '[' || strings.ContainsAny(host, "{}%$") {
		return true
	}
	if strings.IndexByte(host, ':') >= 0 || isDigit(host[len(host)-1]) {
		if _, err := netip.ParseAddr(host); err == nil {
			return true
		}
	}
	switch host[strings.LastIndexByte(host, '.')+1:] {
	case "local", "localdomain", "localhost", "lan", "internal", "invalid":
		return true
	}
	return false
}

// messageIDs checks Message-ID, In-Reply-To and References.
func (m *maker) messageIDs() {
	all := m.each(fieldMessageID)
	if len(all) == 0 {
		m.problem("rfc.msgid_missing", 0, m.headLine(), "")
	}
	for _, f := range all {
		v := strings.TrimSpace(stripComments(m.view(f, maxField)))
		if _, right, ok := splitID(v); !ok {
			m.problem("rfc.msgid_syntax", 0, f.Line, v)
		} else if oddHost(right) {
			m.problem("rfc.msgid_host", 0, f.Line, v)
		}
	}
	for _, id := range [...]fieldID{fieldInReplyTo, fieldReferences} {
		for _, f := range m.each(id) {
			v := stripComments(m.view(f, maxField))
			if bad, ok := badReference(v, id == fieldInReplyTo); ok {
				m.problem("rfc.references_syntax", 0, f.Line, bad)
			}
		}
	}
}

// badReference finds what is no msg-id in a list of them. Ids that are not separated by blanks are read as several. With
// phrases, words that name the message replied to may stand beside an id (obs-in-reply-to, RFC 5322 section 4.5.4).
func badReference(s string, phrases bool) (string, bool) {
	ids := 0
	rest := strings.TrimSpace(s)
	for rest != "" {
		start, end := strings.IndexByte(rest, '<'), strings.IndexByte(rest, '>')+1
		if start > 0 && phrases {
			rest = rest[start:]
			continue
		}
		if start < 0 && phrases && ids > 0 {
			break
		}
		if end == 0 {
			return rest, true
		}
		if _, _, ok := splitID(rest[:end]); !ok {
			return rest[:end], true
		}
		ids++
		rest = strings.TrimLeft(rest[end:], " \t,")
	}
	return "", ids == 0
}
