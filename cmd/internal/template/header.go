package template

import (
	"mime"
	"net/mail"
	"strings"
	"unicode/utf8"
)

// fieldName tells whether s can be the name of a header field (RFC 5322 section 3.6.8).
func fieldName(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == ':' {
			return false
		}
	}
	return s != ""
}

// structured are the fields whose values are no free text, and may hold no encoded words outside of their names.
var structured = map[string]bool{
	"From": true, "To": true, "Cc": true, "Bcc": true, "Reply-To": true, "Sender": true, "Date": true, "Message-ID": true,
	"In-Reply-To": true, "References": true, "List-Unsubscribe": true, "List-Unsubscribe-Post": true, "List-ID": true,
	"Return-Path": true, "Auto-Submitted": true, "Precedence": true, "Feedback-ID": true, "Content-Type": true,
}

var addressFields = map[string]bool{"From": true, "To": true, "Cc": true, "Bcc": true, "Reply-To": true, "Sender": true}

// writeField appends a header field, folded at 78 columns where there is white space to fold at. A line end in the value
// becomes a blank: what data holds must not begin a field of its own.
func writeField(b *strings.Builder, name, value string) {
	value = strings.Join(strings.FieldsFunc(value, func(r rune) bool { return r == '\r' || r == '\n' }), " ")
	value = strings.TrimSpace(value)
	switch {
	case addressFields[name]:
		value = encodeAddresses(value)
	case !structured[name] && needsEncoding(value):
		value = mime.QEncoding.Encode("utf-8", value)
	}
	line := name + ":"
	for word := range strings.SplitSeq(value, " ") {
		if len(line)+1+len(word) > 78 && strings.TrimSpace(line) != "" && line != name+":" {
			b.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	b.WriteString(strings.TrimRight(line, " ") + "\r\n")
}

// needsEncoding tells whether free text must be written in encoded words (RFC 2047): octets that are not ASCII, text that
// looks like an encoded word, and words too long for a line.
func needsEncoding(s string) bool {
	for word := range strings.SplitSeq(s, " ") {
		if len(word) > 900 || strings.HasPrefix(word, "=?") && strings.HasSuffix(word, "?=") {
			return true
		}
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return true
		}
	}
	return false
}

// encodeAddresses writes display names in encoded words where they need it. A list that does not parse stays as it is, so
// that the rules see what is wrong with it.
func encodeAddresses(s string) string {
	if isASCII(s) {
		return s
	}
	list, err := mail.ParseAddressList(s)
	if err != nil || strings.Contains(s, ";") {
		return s
	}
	all := make([]string, len(list))
	for i, a := range list {
		all[i] = a.String()
	}
	return strings.Join(all, ", ")
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
