package preview

import (
	"strings"
	"testing"

	"postern/cmd/internal/report"
	"postern/rules"
)

const related = "From: Acme <shop@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n folded\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"<!DOCTYPE html><link rel=3Dpreconnect href=3D\"https://example.org\"><p>Hello</p><img src=3D\"cid:logo\"><img src=3D\"cid:none\">\r\n" +
	"--b\r\nContent-Type: image/png\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n" +
	"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=terms.pdf\r\n\r\n%PDF\r\n--b--\r\n"

func TestRead(t *testing.T) {
	m := Read([]byte(related))
	if !m.HasHTML || m.HasText || len(m.Images) != 1 || len(m.Attachments) != 1 || m.Attachments[0] != "terms.pdf" {
		t.Errorf("%+v", m)
	}
	if len(m.Header) < 2 || m.Header[1] != (Field{"Subject", "Gr\u00fc\u00dfe folded"}) {
		t.Errorf("header %q", m.Header)
	}
	frame := m.frame()
	if !strings.HasPrefix(frame, "<!DOCTYPE html>"+policy) {
		t.Errorf("the policy does not stand first: %s", frame)
	}
	for _, want := range []string{`src="data:image/png;base64,iVBORw0KGgo="`, `src="cid:none"`} {
		if !strings.Contains(frame, want) {
			t.Errorf("no %s in %s", want, frame)
		}
	}
	if strings.Contains(frame, "<link") {
		t.Errorf("a link element is left: %s", frame)
	}
}

func TestWriteHostile(t *testing.T) {
	it := &report.Item{Name: "<b>\x1b", Path: "x.eml", Verdict: rules.Verdict{Outcome: rules.Fail, Findings: []rules.Finding{
		{Rule: "own.rule", Severity: rules.SeverityError, Message: `<script>alert("1")</script>`, Line: 3},
	}}}
	for _, text := range []string{"", "no header", "\xff\xfe", "Content-Type: multipart/mixed; boundary=\r\n\r\n", "Content-Type: text/html\r\n\r\n\"><script>x</script>"} {
		var b strings.Builder
		if err := Write(&b, it, Read([]byte(text))); err != nil {
			t.Fatal(err)
		}
		if s := b.String(); strings.Contains(s, "<script>") || !strings.Contains(s, "x.eml:3") {
			t.Errorf("%q: %s", text, s)
		}
	}
}
