package facts

import (
	"bytes"
	"encoding/base64"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// encodedWord is a piece of a header value of the form =?charset?encoding?text?= (RFC 2047 section 2).
type encodedWord struct {
	from, to int
	charset  string // as written, without a language (RFC 2231 section 5)
	encoding byte   // 'q' or 'b'
	text     string
}

// nextWord finds the first encoded word of s that begins at from or later. It is lenient in what the text holds, because
// mail programs are. Searching from one word's end to the next reads s once.
func nextWord(s string, from int) (encodedWord, bool) {
	for {
		i := strings.Index(s[from:], "=?")
		if i < 0 {
			return encodedWord{}, false
		}
		from += i
		w := encodedWord{from: from}
		rest := s[from+2:]
		q := strings.IndexByte(rest[:min(len(rest), 80)], '?')
		from += 2
		if q <= 0 || len(rest) < q+4 || rest[q+2] != '?' || strings.ContainsAny(rest[:q], " \t<>@,") {
			continue
		}
		w.charset, _, _ = strings.Cut(strings.ToLower(rest[:q]), "*")
		w.encoding = rest[q+1] | 0x20
		if w.encoding != 'q' && w.encoding != 'b' {
			continue
		}
		text := rest[q+3:]
		end := strings.Index(text, "?=")
		if end < 0 {
			return encodedWord{}, false
		}
		w.text = text[:end]
		w.to = from + q + 3 + end + 2
		return w, true
	}
}

// octets decodes the text of a word. What is no base64 or quoted-printable is skipped or kept as it is.
func (w *encodedWord) octets(b []byte) []byte {
	if w.encoding == 'b' {
		src := make([]byte, 0, len(w.text))
		for i := 0; i < len(w.text); i++ {
			switch c := w.text[i]; {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/':
				src = append(src, c)
			}
		}
		if len(src)%4 == 1 {
			src = src[:len(src)-1]
		}
		b, _ = base64.RawStdEncoding.AppendDecode(b, src)
		return b
	}
	for i := 0; i < len(w.text); i++ {
		c := w.text[i]
		switch {
		case c == '_':
			c = ' '
		case c == '=' && i+2 < len(w.text) && unhex(w.text[i+1]) >= 0 && unhex(w.text[i+2]) >= 0:
			c = byte(unhex(w.text[i+1])<<4 | unhex(w.text[i+2]))
			i += 2
		}
		b = append(b, c)
	}
	return b
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// decodeCharset gives octets of a charset as UTF-8. It returns false for a charset that is not known.
func decodeCharset(charset string, b []byte) (string, bool) {
	switch charset {
	case "utf-8", "us-ascii", "utf8", "ascii":
		return clean(string(b)), true
	}
	if t := octetTable(charset); t != nil {
		return t.text(b), true
	}
	r, err := charsetReader(charset, bytes.NewReader(b))
	if err != nil {
		return "", false
	}
	out, _ := io.ReadAll(io.LimitReader(r, 4*int64(len(b))+16))
	return clean(string(out)), true
}

// decodeWords decodes the encoded words of a header value (RFC 2047). Words in sequence are joined before their charset is
// decoded, because many programs split characters between them. What cannot be decoded is left as it is; the result is
// UTF-8.
func (m *maker) decodeWords(s string) string { return decodeWords(s) }

func decodeWords(s string) string { return decodeBeginning(s, math.MaxInt) }

// decodeBeginning gives at least the first n octets of what decodeWords gives, if there are as many.
func decodeBeginning(s string, n int) string {
	w, ok := nextWord(s, 0)
	if !ok {
		return clean(s)
	}
	var out strings.Builder
	at := 0 // what of s is done
	var b []byte
	for ok {
		out.WriteString(clean(s[at:w.from]))
		b = w.octets(b[:0])
		end := w.to
		next, more := nextWord(s, end)
		for more && blank(s[end:next.from]) && next.charset == w.charset {
			b = next.octets(b)
			end = next.to
			next, more = nextWord(s, end)
		}
		if text, known := decodeCharset(w.charset, b); known {
			out.WriteString(text)
		} else {
			out.WriteString(clean(s[w.from:end]))
		}
		at = end
		if more && blank(s[at:next.from]) {
			at = next.from
		}
		if out.Len() >= n {
			return out.String()
		}
		w, ok = next, more
	}
	out.WriteString(clean(s[at:]))
	return out.String()
}

func blank(s string) bool { return strings.Trim(s, " \t\r\n") == "" }

// wordFaults are the ways in which the encoded words of one value depart from RFC 2047.
type wordFaults struct {
	length   string // a word of more than 75 octets (section 2)
	split    string // a character split between two words (section 5)
	adjacent string // no blank before or after a word (section 5)
	charset  string // an unknown charset, or octets that the charset does not have
	excess   string // words that hold nothing but ASCII
}

// checkWords finds the faults of the encoded words of one value. s is unfolded.
func checkWords(s string) wordFaults {
	var f wordFaults
	first := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	var b, prev []byte
	prevCharset := ""
	ascii, any := true, false
	end := 0
	for w, ok := nextWord(s, 0); ok; w, ok = nextWord(s, end) {
		text := s[w.from:w.to]
		if len(text) > 75 {
			first(&f.length, text)
		}
		if w.from > 0 && !strings.ContainsRune(" \t(\"", rune(s[w.from-1])) || w.to < len(s) && !strings.ContainsRune(" \t)\",", rune(s[w.to])) {
			first(&f.adjacent, text)
		}
		b = w.octets(b[:0])
		any = true
		for _, c := range b {
			if c >= utf8.RuneSelf || c == 0x1b {
				ascii = false
			}
		}
		if w.charset == "utf-8" || w.charset == "utf8" {
			if !utf8.Valid(b) {
				if prevCharset == w.charset && blank(s[end:w.from]) && utf8.Valid(append(prev, b...)) {
					first(&f.split, text)
				} else if next, ok := nextWord(s, w.to); !ok || next.charset != w.charset || !blank(s[w.to:next.from]) {
					first(&f.charset, text)
				}
			}
		} else if w.charset != prevCharset {
			if _, known := decodeCharset(w.charset, nil); !known {
				first(&f.charset, text)
			}
		}
		prev, b = b, prev
		prevCharset = w.charset
		end = w.to
	}
	if any && ascii {
		f.excess = cut(s, 75)
	}
	return f
}
