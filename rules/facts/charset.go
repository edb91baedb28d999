package facts

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charsetReader converts a charset to UTF-8, by go-message's tables but for UTF-7.
func charsetReader(name string, r io.Reader) (io.Reader, error) {
	if !isUTF7(name) {
		return lib.Charset(name, r)
	}
	b, err := io.ReadAll(r)
	return strings.NewReader(utf7Text(viewOf(b))), err
}

// octetTexts are what each octet of a charset means, in UTF-8.
type octetTexts [256]string

// byOctet are the charsets of which each octet is a character, by name, from when they are first met.
var byOctet struct {
	sync.Mutex
	tables map[string]*octetTexts
}

// octetTable gives what the octets of a charset mean, nil if it is not known to have a character for each.
func octetTable(name string) *octetTexts {
	if !strings.HasPrefix(name, "iso-8859-") && !strings.HasPrefix(name, "windows-125") && !strings.HasPrefix(name, "koi8-") {
		return nil
	}
	byOctet.Lock()
	defer byOctet.Unlock()
	if t := byOctet.tables[name]; t != nil {
		return t
	}
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	r, err := charsetReader(name, bytes.NewReader(all[:]))
	if err != nil {
		return nil
	}
	out, err := io.ReadAll(r)
	if err != nil || utf8.RuneCount(out) != len(all) || !bytes.HasPrefix(out, all[:utf8.RuneSelf]) {
		return nil
	}
	t, i := &octetTexts{}, 0
	for _, r := range string(out) {
		t[i] = string(r)
		i++
	}
	if byOctet.tables == nil {
		byOctet.tables = map[string]*octetTexts{}
	}
	byOctet.tables[strings.Clone(name)] = t
	return t
}

// text decodes octets. Those of ASCII stand for themselves in all of these charsets.
func (t *octetTexts) text(b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/8)
	for {
		n := asciiLength(b)
		if out = append(out, b[:n]...); n == len(b) {
			return viewOf(out)
		}
		out = append(out, t[b[n]]...)
		b = b[n+1:]
	}
}

// decodedText is a text part in UTF-8.
type decodedText struct {
	text    string
	guessed bool // the stated charset cannot be decoded here
	invalid bool // octets that the stated charset does not have
	view    bool // text is a view of the octets
}

// toUTF8 decodes octets of a part's text. What the charset does not have becomes U+FFFD; a charset that cannot be decoded is
// read as UTF-8 or Windows-1252. The text may be a view of the octets. cut tells that b ends in the middle of the text, where half a character is no fault.
func toUTF8(name string, b []byte, cut bool) decodedText {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	switch name {
	case "", "us-ascii", "ascii", "ansi_x3.4-1968":
		d := decodedText{invalid: name != "" && hasEightBit(b)}
		if d.view = utf8.Valid(b); d.view {
			d.text = viewOf(b)
		} else {
			d.text = textOf(string(b))
		}
		return d
	case "utf-8", "utf8":
		if utf8.Valid(b) {
			return decodedText{text: viewOf(b), view: true}
		}
		if cut {
			if b = cutRune(b); utf8.Valid(b) {
				return decodedText{text: string(b)}
			}
		}
		return decodedText{text: textOf(string(b)), invalid: true}
	}
	d := decodedText{}
	if t := octetTable(name); t != nil {
		if isASCIIBytes(b) {
			return decodedText{text: viewOf(b), view: true}
		}
		d.text = t.text(b)
	} else {
		r, err := charsetReader(name, bytes.NewReader(b))
		if err != nil {
			return decodedText{text: textOf(string(b)), guessed: true}
		}
		out, err := io.ReadAll(io.LimitReader(r, 4*int64(len(b))+16))
		if err != nil && len(out) == 0 {
			return decodedText{text: textOf(string(b)), guessed: true}
		}
		d.text = string(out)
	}
	bad := d.text
	if cut {
		bad = strings.TrimRight(bad, "\ufffd")
	}
	d.invalid = strings.ContainsRune(bad, utf8.RuneError)
	return d
}

// cutRune drops an unfinished character at the end.
func cutRune(b []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			return b
		}
	}
	return b
}

// textOf reads octets of no stated charset: as UTF-8 if they are, or nearly so, else as Windows-1252.
func textOf(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	good, bad := 0, 0
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			bad++
		case r >= utf8.RuneSelf:
			good++
		}
	}
	if good > 4*bad { // a character that was cut, or one stray octet, in text that is otherwise UTF-8
		return strings.ToValidUTF8(s, "\ufffd")
	}
	return fromWindows1252(s)
}

func fromWindows1252(s string) string { return windows1252().text(octetsOf(s)) }

var windows1252 = sync.OnceValue(func() *octetTexts {
	t := &octetTexts{}
	for i := range t {
		r := charmap.Windows1252.DecodeByte(byte(i))
		if r == utf8.RuneError {
			r = rune(i) // the five octets that Windows-1252 leaves undefined are C1 controls, as browsers read them
		}
		t[i] = string(r)
	}
	return t
})

func hasEightBit(b []byte) bool {
	return asciiLength(b) < len(b)
}

// sameCharset tells whether two names mean one charset in practice, as browsers see it.
func sameCharset(a, b string) bool {
	if strings.EqualFold(a, b) {
		return true
	}
	return lib.SameCharset(a, b)
}

// asciiAsItIs are charsets of which octets under 128 are ASCII.
var asciiAsItIs = words(",us-ascii,ascii,ansi_x3.4-1968,utf-8,utf8,iso-8859-1,iso-8859-2,iso-8859-15,windows-1250,windows-1251,windows-1252")
