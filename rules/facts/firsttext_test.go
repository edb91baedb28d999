package facts_test

import (
	"strings"
	"testing"
)

// What a message begins with is shown as text by whoever does not know its kind.
func TestUnknownKindsOfText(t *testing.T) {
	const link = "See http://bank.example.com@evil.example.net/ now"
	for _, c := range []struct {
		name, mail string
		seen       bool
	}{
		{"the message", "Content-Type: text/x-html\n\n" + link, true},
		{"the first part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/enriched\n\n" + link + "\n--b\n\nx\n--b--", true},
		{"the first part of the first part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=c\n\n" +
			"--c\nContent-Type: text/markdown\n\n" + link + "\n--c--\n--b--", true},
		{"another part", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/css\n\n" + link + "\n--b--", false},
		{"an attachment", "Content-Type: text/x-html\nContent-Disposition: attachment\n\n" + link, false},
		{"no text", "Content-Type: application/x-html\n\n" + link, false},
		{"in quotes", "Content-Type: \"text/html\"; charset=utf-8\n\n" + disguised, true},
		{"in quotes, partly", "Content-Type: 'text'/html'\n\n" + disguised, true},
		{"ended by a comma", "Content-Type: text/html, charset=utf-8\n\n" + disguised, true},
	} {
		f := measure(t, top+c.mail+"\n")
		if got := credentials(f) > 0; got != c.seen {
			t.Errorf("%s: the link is seen: %v, want %v", c.name, got, c.seen)
		}
	}
}

// A hundred texts before it hide none.
func TestManyTextParts(t *testing.T) {
	f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat("--b\n\nhello\n", 500)+
		"--b\nContent-Type: text/html\n\n"+disguised+"\n--b--\n")
	if credentials(f) == 0 || f.Text.Truncated {
		t.Errorf("the link is not seen; truncated %v", f.Text.Truncated)
	}
}
