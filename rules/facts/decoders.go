package facts

import (
	"bytes"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"
)

// Decoders read the forms that are not met in most messages. They stand on libraries that take longer to start than it takes to
// measure a message, so this package does not import them: package rules uses all of them (package decoders), and a program that is
// started for each message does without, and judges nothing for which one was wanted.
type Decoders interface {
	// Charset converts a charset to UTF-8. Its error means that the charset cannot be decoded.
	Charset(name string, r io.Reader) (io.Reader, error)
	// KnownCharset tells whether a name is registered (RFC 2978) or is one that browsers know, whether or not it can be decoded.
	KnownCharset(name string) bool
	// SameCharset tells whether two names mean one charset in practice, as browsers see it.
	SameCharset(a, b string) bool
	// AddressList gives the addresses of a list by a strict reading of RFC 5322 section 3.4.
	AddressList(value string) ([]string, error)
	// Date reads a date-time of RFC 5322 section 3.3, its obsolete forms too.
	Date(s string) (time.Time, error)
	// MediaType tells what the first octets of a file are.
	MediaType(head []byte) string
	// HTML reads the tokens of an HTML text as browsers do.
	HTML(text io.Reader) Tokenizer
	// Unescape decodes the character references of an HTML text.
	Unescape(text string) string
}

// Tokenizer is a html.Tokenizer, or reads nothing.
type Tokenizer = interface {
	Next() html.TokenType
	Raw() []byte
	Text() []byte
	TagName() (name []byte, hasAttr bool)
	TagAttr() (key, val []byte, more bool)
	// NextIsNotRawText makes the content of the element whose start tag was read markup.
	NextIsNotRawText()
}

var (
	lib     Decoders
	lacking atomic.Bool
)

// Use sets the decoders for the whole program, before any facts are made. Without them whatever wants one panics, but after
// Use(nil): then it is only noted, see Lacking.
func Use(d Decoders) {
	if d == nil {
		d = none{}
	}
	lib = d
}

// Lacking tells whether a decoder was wanted since Use(nil). Facts that were made, and lists that were read, are then not to be
// trusted.
func Lacking() bool { return lacking.Load() }

// none notes what is wanted.
type none struct{}

func (none) Charset(name string, r io.Reader) (io.Reader, error) {
	if c := plainCharset(name); c != nil {
		return c.NewDecoder().Reader(r), nil
	}
	return nil, want()
}

func (none) KnownCharset(string) bool             { return want() == nil }
func (none) SameCharset(string, string) bool      { return want() == nil }
func (none) AddressList(string) ([]string, error) { return nil, want() }
func (none) Date(string) (time.Time, error)       { return time.Time{}, want() }
func (none) MediaType(head []byte) string {
	for _, t := range plainTypes {
		if bytes.HasPrefix(head, t.begin) {
			return t.name
		}
	}
	want()
	return ""
}

// plainTypes are the types of files that are told by how they begin, and that mail has most.
var plainTypes = [...]struct {
	begin []byte
	name  string
}{
	{[]byte("%PDF-"), "application/pdf"}, {[]byte("\xff\xd8\xff"), "image/jpeg"}, {[]byte("GIF87a"), "image/gif"}, {[]byte("GIF89a"), "image/gif"},
}

func (none) HTML(io.Reader) Tokenizer    { want(); return noTokens{} }
func (none) Unescape(text string) string { want(); return text }

// noTokens is a text that ends at once.
type noTokens struct{}

func (noTokens) Next() html.TokenType           { return html.ErrorToken }
func (noTokens) Raw() []byte                    { return nil }
func (noTokens) Text() []byte                   { return nil }
func (noTokens) TagName() ([]byte, bool)        { return nil, false }
func (noTokens) TagAttr() (_, _ []byte, _ bool) { return nil, nil, false }
func (noTokens) NextIsNotRawText()              {}

func want() error {
	lacking.Store(true)
	return io.ErrUnexpectedEOF
}

// plainCharset gives the charsets that need no large tables, nil for others.
func plainCharset(name string) *charmap.Charmap {
	switch name {
	case "iso-8859-1":
		return charmap.ISO8859_1
	case "iso-8859-15":
		return charmap.ISO8859_15
	case "windows-1252":
		return charmap.Windows1252
	}
	return nil
}

// knownCharset tells whether a name is registered or is one that browsers know.
func knownCharset(name string) bool {
	switch name {
	case "utf-8", "us-ascii":
		return true
	}
	if plainCharset(name) != nil {
		return true
	}
	return lib.KnownCharset(name)
}

// simpleList reads a list of addresses of the simple forms that nearly all lists have, a@b.example and Name <a@b.example> with a name
// of ASCII words or one quoted string without escapes. Of any other it is not ok.
func simpleList(s string) (list []string, ok bool) {
	for {
		s = trimBlanks(s)
		spec, rest := addrSpec(s)
		if spec == "" {
			rest = afterName(s)
			if len(rest) == 0 || rest[0] != '<' {
				return nil, false
			}
			if spec, rest = addrSpec(rest[1:]); spec == "" || len(rest) == 0 || rest[0] != '>' {
				return nil, false
			}
			rest = rest[1:]
		}
		list = append(list, spec)
		if s = trimBlanks(rest); s == "" {
			return list, true
		}
		if s[0] != ',' {
			return nil, false
		}
		s = s[1:]
	}
}

func trimBlanks(s string) string {
	for len(s) > 0 && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}

// atoms gives the length of the visible ASCII at the beginning of s that stands for itself in addresses, dots too.
func atoms(s string) int {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || class[c] != cAtom || c == '\\' {
			return i
		}
	}
	return len(s)
}

// addrSpec gives the addr-spec that s begins with, "" if there is none, and what follows.
func addrSpec(s string) (spec, rest string) {
	l := atoms(s)
	if l == len(s) || s[l] != '@' {
		return "", s
	}
	d := atoms(s[l+1:])
	if !dotted(s[:l]) || !dotted(s[l+1:l+1+d]) {
		return "", s
	}
	return s[:l+1+d], s[l+1+d:]
}

// dotted tells whether dots in s, which is nothing else but octets of atoms, stand between others.
func dotted(s string) bool {
	return len(s) > 0 && s[0] != '.' && s[len(s)-1] != '.' && !strings.Contains(s, "..")
}

// afterName gives what comes after the name before an angle bracket, and after the blanks behind it.
func afterName(s string) string {
	for first := true; ; first = false {
		switch {
		case s == "" || s[0] == '<':
			return s
		case s[0] == '"' && first:
			i := 1
			for i < len(s) && s[i] != '"' {
				if s[i] < ' ' || s[i] >= 0x7f || s[i] == '\\' {
					return ""
				}
				i++
			}
			if i == len(s) {
				return ""
			}
			s = trimBlanks(s[i+1:])
			if s == "" || s[0] != '<' {
				return ""
			}
		default:
			n := atoms(s)
			if n == 0 || n == len(s) || s[n] != ' ' && s[n] != '\t' && s[n] != '<' || strings.Contains(s[:n], "??=") { // an empty encoded word
				return ""
			}
			s = trimBlanks(s[n:])
		}
	}
}
