package facts_test

import "testing"

// A group that names nobody leaves nobody whose address could be looked at.
func TestAuthorIsNobody(t *testing.T) {
	for fields, want := range map[string]string{
		"From: nobody:;\n":                                      "rfc.address_syntax",
		"From: a@example.com\nSender: nobody:;\n":               "rfc.address_syntax",
		"From: all: a@example.com;\n":                           "",
		"From: nobody:;, a@example.com\n":                       "",
		"From: a@example.com\nReply-To: nobody:;\n":             "",
		"From: a@example.com\nResent-From: (nobody) nobody:;\n": "rfc.address_syntax",
	} {
		f := measure(t, fields+"To: b@example.org\nSubject: x\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <1@example.com>\n\nHello\n")
		if got := ids(f, "rfc.address_syntax", "rfc.replyto_syntax"); got != want {
			t.Errorf("%q: problems %q, want %q", fields, got, want)
		}
	}
}
