package facts

import (
	"encoding/base64"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// isUTF7 tells whether a charset's name means UTF-7 (RFC 2152), which browsers have given up and mail programs have not.
func isUTF7(name string) bool {
	switch name {
	case "utf-7", "utf7", "unicode-1-1-utf-7", "unicode-2-0-utf-7", "x-unicode-2-0-utf-7", "csunicode11utf7", "csutf7":
		return true
	}
	return false
}

// utf7Text decodes UTF-7. What is none becomes U+FFFD.
func utf7Text(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '+')
		if i < 0 {
			writeASCII(&b, s)
			return b.String()
		}
		writeASCII(&b, s[:i])
		s = s[i+1:]
		n := run(s, 0, func(c byte) bool { return isLetter(c) || isDigit(c) || c == '+' || c == '/' })
		switch {
		case n == 0 && octet(s, 0) == '-':
			b.WriteByte('+')
		case n == 0:
			b.WriteRune(utf8.RuneError)
		default:
			writeUTF16(&b, s[:n])
		}
		if s = s[n:]; octet(s, 0) == '-' {
			s = s[1:]
		}
	}
}

// writeASCII writes what is not encoded, and may be ASCII only.
func writeASCII(b *strings.Builder, s string) {
	if isASCII(s) {
		b.WriteString(s)
		return
	}
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			b.WriteByte(s[i])
		} else {
			b.WriteRune(utf8.RuneError)
		}
	}
}

// writeUTF16 writes what a run of base64 without padding encodes.
func writeUTF16(b *strings.Builder, run string) {
	whole := run
	if len(run)%4 == 1 {
		whole = run[:len(run)-1]
	}
	octets, err := base64.RawStdEncoding.DecodeString(whole)
	units := make([]uint16, 0, len(octets)/2)
	for i := 0; i+1 < len(octets); i += 2 {
		units = append(units, uint16(octets[i])<<8|uint16(octets[i+1]))
	}
	b.WriteString(string(utf16.Decode(units)))
	if err != nil || len(whole) < len(run) || len(octets)%2 == 1 {
		b.WriteRune(utf8.RuneError)
	}
}
