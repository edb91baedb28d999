package facts_test

import (
	"strings"
	"testing"
)

// What lies beyond the limit of text is not read, and says so.
func TestTextBeyondTheLimit(t *testing.T) {
	for name, mail := range map[string]string{
		"in HTML, behind a comment": htmlMail("<!--" + strings.Repeat("x", 1<<20) + "-->" + disguised),
		"in text":                   textMail(strings.Repeat("hello world\n", 90_000)),
		"in many parts":             top + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n"+strings.Repeat("hello ", 40_000)+"\n", 20) + "--b--\n",
	} {
		if got := ids(measure(t, mail), "limit.text"); got == "" {
			t.Errorf("%s: no problem named", name)
		}
	}
	if got := ids(measure(t, textMail("hello")), "limit.text"); got != "" {
		t.Errorf("short text: %s", got)
	}
}
