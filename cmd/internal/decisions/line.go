package decisions

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// appendLine appends an entry as encoding/json writes it, octet for octet. That package and what it stands on would be a good part of the
// program that hands on a clean message, which is started for each.
func (e *Entry) appendLine(b []byte) []byte {
	b = append(b, `{"time":"`...)
	b = e.Time.AppendFormat(b, time.RFC3339Nano)
	b = appendText(append(b, `","message_sha256":`...), e.Message)
	b = strconv.AppendInt(append(b, `,"octets":`...), e.Octets, 10)
	if len(e.Added) > 0 {
		b = appendTexts(append(b, `,"added":`...), e.Added)
	}
	b = strconv.AppendInt(append(b, `,"recipients":`...), int64(e.Recipients), 10)
	b = appendText(append(b, `,"sender":`...), e.Sender)
	b = appendTexts(append(b, `,"to":`...), e.To)
	b = appendText(append(b, `,"verdict":`...), e.Verdict)
	if e.Reason != "" {
		b = appendText(append(b, `,"reason":`...), e.Reason)
	}
	b = appendTexts(append(b, `,"rules":`...), e.Rules)
	b = appendText(append(b, `,"policy_sha256":`...), e.Policy)
	b = appendText(append(b, `,"transport":`...), e.Transport)
	b = appendText(append(b, `,"result":`...), e.Result)
	b = appendText(append(b, `,"status":`...), e.Status)
	return append(b, "}\n"...)
}

func appendTexts(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, s)
	}
	return append(b, ']')
}

// appendText appends a string of JSON, in which HTML and JavaScript find nothing of theirs.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if i += n; r == utf8.RuneError && n == 1 {
			b = append(b, `\ufffd`...)
			continue
		}
		switch r {
		case '"', '\\':
			b = append(b, '\\', byte(r))
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		case '<', '>', '&', '\u2028', '\u2029':
			b = append(b, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			if r < ' ' {
				b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
			} else {
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return append(b, '"')
}
