package facts

import (
	"io"
	"strconv"
	"strings"
)

// maxFilename bounds a file name in octets; the longest that a file system takes is 255.
const maxFilename = 1000

// decodedParam is a parameter after RFC 2231 and RFC 2047.
type decodedParam struct {
	value   string
	present bool
	// Why a strict reader sees another value, "" if none does.
	odd string
	// Somebody may see another value, though nothing is wrong with it.
	loose bool
}

// segment is one piece of a continued parameter (RFC 2231 section 3).
type segment struct {
	index   int
	encoded bool // *N* : octets as %XX
	value   string
}

// decode gives parameter name in every spelling: plain, name*=charset'language'%XX, and continued name*0, name*1*. The plain
// one wins when several are there, as most mail readers have it. Linear in the field's length.
func (m *maker) decodeParam(p *params, name string) decodedParam {
	var d decodedParam
	var plain, extended *param
	var segments []segment
	repeated := false // with another value: some readers take the first, some the last
	for i := range p.list {
		q := &p.list[i]
		rest, ok := strings.CutPrefix(q.name, name)
		if !ok {
			continue
		}
		switch {
		case rest == "":
			if plain == nil {
				plain = q
			}
			repeated = repeated || q.value != plain.value
		case rest == "*":
			if extended == nil {
				extended = q
			}
			repeated = repeated || q.value != extended.value
		case rest[0] == '*':
			segments = p.segment(segments, rest, q.value)
		}
	}
	switch {
	case plain != nil:
		d.value, d.odd = m.plainValue(plain)
		d.loose = strings.IndexByte(plain.value, '\\') >= 0 || strings.ContainsAny(plain.value, afterValue) && plain.raw[0] != '"' ||
			strings.Contains(d.value, "=?")
		if extended != nil || segments != nil {
			d.odd = "plain and extended " + name
		}
	case segments != nil:
		d.value, d.odd = m.joinSegments(segments)
		if extended != nil {
			d.odd = "extended and continued " + name
		}
	case extended != nil:
		d.value, d.odd = m.extendedValue(extended.value)
	default:
		return d
	}
	switch {
	case repeated:
		d.odd = "two of " + name
	case strings.ContainsFunc(d.value, func(r rune) bool { return isControl(r) && r != '\t' && r != '\r' && r != '\n' }):
		d.odd = "control character in " + name // some programs end a name at NUL
	}
	d.present = true
	d.value = tidyName(d.value)
	return d
}

// segment adds a piece of a continued parameter, whose name ends in rest.
func (p *params) segment(to []segment, rest, value string) []segment {
	digits, encoded := strings.CutSuffix(strings.TrimPrefix(rest, "*"), "*")
	if n, err := strconv.Atoi(digits); rest[0] == '*' && err == nil && n >= 0 && n < maxParams {
		to = append(to, segment{n, encoded, value})
	}
	return to
}

// plainValue decodes what RFC 2047 section 5 forbids in a parameter but many write: encoded words, raw octets.
func (m *maker) plainValue(p *param) (value, odd string) {
	v := p.value
	switch {
	case strings.Contains(v, "=?") && strings.Contains(v, "?="):
		return m.decodeWords(joinWords(v)), "encoded word in a parameter"
	case !isASCII(v):
		return textOf(v), "raw 8-bit octets"
	}
	return v, ""
}

// extendedValue decodes charset'language'%XX (RFC 2231 section 4).
func (m *maker) extendedValue(v string) (value, odd string) {
	charset, rest, ok := cutCharset(v)
	if !ok {
		odd = "no charset'language'"
	}
	octets, bad := unpercent(rest)
	if bad {
		odd = "bad %XX"
	}
	if ok {
		var known bool
		if value, known = m.charsetText(charset, octets); !known {
			odd = "unknown charset"
		}
		return value, odd
	}
	value = textOf(octets)
	if strings.Contains(value, "=?") {
		value = m.decodeWords(joinWords(value))
	}
	return value, odd
}

// joinSegments puts the pieces in the order of their numbers. Only the first names a charset, for all encoded pieces.
func (m *maker) joinSegments(segments []segment) (value, odd string) {
	var ordered [maxParams]*segment
	last := 0
	for i := range segments {
		s := &segments[i]
		if ordered[s.index] == nil {
			ordered[s.index] = s
		} else {
			odd = "the same piece twice"
		}
		last = max(last, s.index)
	}
	var b strings.Builder
	charset, encoded := "", false
	for i := range last + 1 {
		s := ordered[i]
		if s == nil {
			odd = "a missing piece"
			continue
		}
		v := s.value
		if s.encoded {
			if !encoded && b.Len() == 0 {
				cs, rest, ok := cutCharset(v)
				if ok {
					charset, v = cs, rest
				} else {
					odd = "no charset'language'"
				}
			}
			encoded = true
			octets, bad := unpercent(v)
			if bad {
				odd = "bad %XX"
			}
			v = octets
		}
		b.WriteString(v)
	}
	if charset != "" {
		text, known := m.charsetText(charset, b.String())
		if !known {
			odd = "unknown charset"
		}
		return text, odd
	}
	value = b.String()
	if strings.Contains(value, "=?") && strings.Contains(value, "?=") {
		return m.decodeWords(joinWords(value)), "encoded word in a parameter"
	}
	if !isASCII(value) && odd == "" && !encoded {
		odd = "raw 8-bit octets"
	}
	return textOf(value), odd
}

// cutCharset cuts charset'language'rest. Without both apostrophes, or with a charset that cannot be one, ok is false.
func cutCharset(v string) (charset, rest string, ok bool) {
	i := strings.IndexByte(v, '\'')
	if i < 0 {
		return "", v, false
	}
	j := strings.IndexByte(v[i+1:], '\'')
	if j < 0 {
		return "", v, false
	}
	return strings.ToLower(v[:i]), v[i+1+j+1:], true
}

// unpercent replaces %XX by its octet; what is no code stays.
func unpercent(s string) (octets string, bad bool) {
	if strings.IndexByte(s, '%') < 0 {
		return s, false
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			if i+2 < len(s) && hexDigit(s[i+1]) < 16 && hexDigit(s[i+2]) < 16 {
				b = append(b, hexDigit(s[i+1])<<4|hexDigit(s[i+2]))
				i += 2
				continue
			}
			bad = true
		}
		b = append(b, s[i])
	}
	return string(b), bad
}

// joinWords takes out white space inside encoded words: folding in the middle of a word leaves it there.
//
// QUIRK: chatmail-core attach_filename_encoded_words_linebreak.eml folds inside the word.
func joinWords(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "=?")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i+2])
		s = s[i+2:]
		// charset ? encoding ? text ?=
		end := wordEnd(s)
		if end < 0 {
			continue
		}
		for _, c := range []byte(s[:end]) {
			if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
				b.WriteByte(c)
			}
		}
		s = s[end:]
	}
}

// wordEnd gives the length of "charset?e?text?=" at the start of s, -1 if there is none of at most 1,000 octets.
func wordEnd(s string) int {
	s = s[:min(len(s), maxFilename)]
	i := strings.IndexByte(s, '?')
	if i < 0 {
		return -1
	}
	j := strings.IndexByte(s[i+1:], '?')
	if j < 0 {
		return -1
	}
	k := strings.Index(s[i+1+j+1:], "?=")
	if k < 0 {
		return -1
	}
	return i + 1 + j + 1 + k + 2
}

// charsetText decodes octets, which are at most a header field, from a charset; known is false when it had to guess.
func (m *maker) charsetText(charset, octets string) (text string, known bool) {
	if charset == "" || charset == "us-ascii" || charset == "utf-8" || charset == "utf8" {
		return textOf(octets), true
	}
	r, err := charsetReader(charset, strings.NewReader(octets))
	if err != nil {
		return textOf(octets), false
	}
	b, err := io.ReadAll(io.LimitReader(r, 4*int64(len(octets))+16))
	if err != nil && len(b) == 0 {
		return textOf(octets), false
	}
	return string(b), true
}

// tidyName takes folding and control characters out of a name, and bounds it.
func tidyName(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsFunc(s, isControl) {
		s = strings.Map(func(r rune) rune {
			if isControl(r) {
				return -1
			}
			return r
		}, s)
	}
	return cut(s, maxFilename)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// clipRunes cuts s to at most n characters.
func clipRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	i := 0
	for j := range s {
		if i == n {
			return s[:j]
		}
		i++
	}
	return s
}

func isASCII(s string) bool {
	return isASCIIBytes(octetsOf(s))
}

// hexDigit gives a hexadecimal digit's value, or 255.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}
