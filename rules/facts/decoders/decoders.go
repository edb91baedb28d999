// Package decoders reads what package facts leaves to libraries that are slow to start.
package decoders

import (
	"io"
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message/charset"
	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/net/html"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Library is the facts.Decoders of the libraries.
type Library struct{}

// Charset converts by go-message's tables, and UTF-32, which they lack.
func (Library) Charset(name string, r io.Reader) (io.Reader, error) {
	switch name {
	case "utf-32", "utf-32be", "iso-10646-ucs-4":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM).NewDecoder().Reader(r), nil
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewDecoder().Reader(r), nil
	}
	return charset.Reader(name, r)
}

// KnownCharset tells whether a name is registered (RFC 2978) or is one that browsers know, whether or not it can be decoded.
func (Library) KnownCharset(name string) bool {
	if _, err := ianaindex.IANA.Encoding(name); err == nil {
		return true
	}
	if _, err := htmlindex.Get(name); err == nil {
		return true
	}
	_, err := charset.Reader(name, strings.NewReader(""))
	return err == nil
}

// SameCharset tells whether two names mean one charset to browsers.
func (Library) SameCharset(a, b string) bool {
	x, err := htmlindex.Get(a)
	if err != nil {
		return false
	}
	y, err := htmlindex.Get(b)
	if err != nil {
		return false
	}
	p, _ := htmlindex.Name(x)
	q, _ := htmlindex.Name(y)
	return p == q
}

// strict is the view of net/mail, which is what go-message's mail.ParseAddressList calls. It decodes no charset, because a
// name in an unknown charset is no reason to distrust the addresses.
var strict = mail.AddressParser{WordDecoder: &mime.WordDecoder{
	CharsetReader: func(_ string, r io.Reader) (io.Reader, error) { return r, nil },
}}

// AddressList reads a list as net/mail does.
func (Library) AddressList(value string) ([]string, error) {
	list, err := strict.ParseList(value)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Address
	}
	return out, nil
}

// Date reads a date as net/mail does.
func (Library) Date(s string) (time.Time, error) { return mail.ParseDate(s) }

// MediaType tells by magic numbers what a file is.
func (Library) MediaType(head []byte) string { return mimetype.Detect(head).String() }

// tokenizer is facts.Tokenizer: this package does not import facts, whose tests import it.
type tokenizer = interface {
	Next() html.TokenType
	Raw() []byte
	Text() []byte
	TagName() (name []byte, hasAttr bool)
	TagAttr() (key, val []byte, more bool)
	NextIsNotRawText()
}

// HTML reads tokens as golang.org/x/net/html does.
func (Library) HTML(text io.Reader) tokenizer { return html.NewTokenizer(text) }

// Unescape decodes the character references of a text that is no attribute.
func (Library) Unescape(text string) string { return html.UnescapeString(text) }
