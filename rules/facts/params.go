package facts

import "strings"

// maxParams bounds the parameters that are kept of one field.
const maxParams = 1000

// params is a structured field: a value, such as a media type or a disposition, and parameters (RFC 2045 section 5.1,
// RFC 2183 section 2).
type params struct {
	value string // lower case
	list  []param
}

// param is one "name=value" as it stands in the field, before RFC 2231 joins and decodes it.
type param struct {
	name  string // lower case, with the asterisks of RFC 2231
	value string // without quotes and escapes
	raw   string // the value as written
}

// parse reads a field's unfolded value. It is linear and reads what it can: a parameter without "=" is left out, an
// unquoted value runs to the next semicolon, a quoted one without its closing quote too. Its pieces are those of text.
func (p *params) parse(text string) {
	p.value, p.list = "", p.list[:0]
	r := paramText{s: text}
	s := text
	i := r.skipComments(0)
	j := i
	for j < len(s) && s[j] != ';' && s[j] != '(' {
		j++
	}
	p.value = strings.ToLower(strings.Trim(s[i:j], " \t\""))
	if k := strings.IndexAny(p.value, " \t"); k >= 0 {
		p.value = p.value[:k]
	}
	i = r.nextSemicolon(j)
	for i < len(s) && len(p.list) < maxParams {
		i = r.skipComments(i + 1)
		j = i
		for j < len(s) && s[j] != '=' && s[j] != ';' && s[j] != '"' {
			j++
		}
		if j >= len(s) || s[j] != '=' {
			i = r.nextSemicolon(j)
			continue
		}
		name := strings.ToLower(strings.TrimSpace(s[i:j]))
		if k := strings.IndexAny(name, " \t("); k >= 0 {
			name = name[:k]
		}
		i = r.skipComments(j + 1)
		var value string
		from := i
		if i < len(s) && s[i] == '"' {
			value, i = r.quotedValue(i)
			i = r.nextSemicolon(i)
		} else {
			for i < len(s) && s[i] != ';' {
				i++
			}
			value = bareValue(s[from:i])
		}
		if name != "" {
			p.list = append(p.list, param{name: name, value: value, raw: s[from:i]})
		}
	}
}

// paramText is the text of a field that is read piece by piece. It remembers what a look ahead has found, so that a field made
// of nothing but openings is read in linear time.
type paramText struct {
	s        string
	unquoted bool    // a quoted string was met that is never closed: neither is any after it
	closing  []int32 // for each "(" the place after its ")", or -1; nil until one was met that is never closed
}

// nextSemicolon gives the place of the next semicolon that stands neither in quotes nor in a comment, or len(s).
func (r *paramText) nextSemicolon(i int) int {
	s := r.s
	for i < len(s) && s[i] != ';' {
		switch s[i] {
		case '"':
			_, i = r.quotedValue(i)
		case '(':
			i = r.skipComments(i)
		default:
			i++
		}
	}
	return i
}

// skipComments skips white space and comments, which nest (RFC 5322 section 3.2.2). A parenthesis that is never closed is
// text.
func (r *paramText) skipComments(i int) int {
	s := r.s
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', '\r', '\n':
			i++
		case '(':
			end := r.commentEnd(i)
			if end < 0 {
				return i + 1
			}
			i = end
		default:
			return i
		}
	}
	return i
}

func (r *paramText) commentEnd(i int) int {
	if r.closing != nil {
		return int(r.closing[i])
	}
	depth := 0
	for j := i; j < len(r.s); j++ {
		switch r.s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	r.match(i)
	return -1
}

// match finds the end of every comment from i on.
func (r *paramText) match(i int) {
	r.closing = make([]int32, len(r.s))
	var open []int32
	for j := i; j < len(r.s); j++ {
		switch r.s[j] {
		case '\\':
			j++
			if j < len(r.s) {
				r.closing[j] = -1
			}
		case '(':
			r.closing[j] = -1
			open = append(open, int32(j))
		case ')':
			if n := len(open); n > 0 {
				r.closing[open[n-1]] = int32(j + 1)
				open = open[:n-1]
			}
		}
	}
}

// quotedValue reads the quoted string that begins at i and gives the place after it. A backslash escapes only a quote or a
// backslash.
//
// QUIRK: other backslashes stay, because senders write filename="C:\TEMP\a.txt", and what looks like a path must be seen.
func (r *paramText) quotedValue(i int) (string, int) {
	s := r.s
	i++
	from := i
	escaped := false
	if r.unquoted {
		i = len(s)
	}
	for i < len(s) && s[i] != '"' {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			escaped = true
			i++
		}
		i++
	}
	if i >= len(s) {
		r.unquoted = true
		// QUIRK: never closed; the value ends where the next parameter begins.
		v := s[from:]
		if k := strings.IndexByte(v, ';'); k >= 0 {
			return v[:k], from + k
		}
		return v, len(s)
	}
	v := s[from:i]
	if escaped {
		v = unescape(v)
	}
	return v, i + 1
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// bareValue takes a comment off the end of an unquoted value: "us-ascii (Plain text)". A parenthesis that does not follow
// white space belongs to the value: filename=report(1).pdf.
func bareValue(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasSuffix(s, ")") {
		if k := strings.LastIndex(s, " ("); k > 0 {
			s = strings.TrimSpace(s[:k])
		}
	}
	return s
}
