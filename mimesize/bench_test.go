package mimesize_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"postern/mimesize"
)

// benchMessage is an ordinary message with an HTML alternative and an attachment, of about size octets, stored with LF.
func benchMessage(size int) []byte {
	var b strings.Builder
	b.WriteString(`From: Alice Example <alice@example.com>
To: Bob <bob@example.net>, carol@example.net
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from the bench
Date: Mon, 23 Nov 2026 09:30:00 +0000
Message-ID: <20261123093000.1@example.com>
Received: from client.example.com (client.example.com [192.0.2.1])
	by mx.example.com with ESMTPSA id 123
	for <bob@example.net>; Mon, 23 Nov 2026 09:30:01 +0000
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_mixed_1"

--=_mixed_1
Content-Type: multipart/alternative; boundary="=_alternative_2"

--=_alternative_2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

`)
	for range 8 {
		b.WriteString("Dear Bob, this is a line of text with an umlaut =C3=BC and a soft break=\n in the middle of it.\n")
	}
	b.WriteString("--=_alternative_2\nContent-Type: text/html; charset=us-ascii\n\n<html><body>\n")
	for range 8 {
		b.WriteString("<p>Dear Bob, this is a <a href=\"https://www.example.com/\">line</a> of text</p>\n")
	}
	b.WriteString("</body></html>\n--=_alternative_2--\n--=_mixed_1\n" +
		"Content-Type: application/pdf; name=\"report.pdf\"\nContent-Transfer-Encoding: base64\n" +
		"Content-Disposition: attachment; filename=\"report.pdf\"\n\n")
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\x00\x10\x83"), 19)) + "\n"
	for b.Len() < size {
		b.WriteString(line)
	}
	b.WriteString("--=_mixed_1--\n")
	return []byte(b.String())
}

func BenchmarkScan(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"2.8KB", 2_800}, {"80KB", 80_000}, {"42MB", 42_000_000}} {
		for _, eol := range []string{"LF", "CRLF"} {
			message := benchMessage(c.size)
			if eol == "CRLF" {
				message = bytes.ReplaceAll(message, []byte("\n"), []byte("\r\n"))
			}
			b.Run(c.name+"/"+eol+"/memory", func(b *testing.B) {
				var s mimesize.Scanner
				b.SetBytes(int64(len(message)))
				b.ReportAllocs()
				for b.Loop() {
					s.ScanBytes(message)
				}
			})
			b.Run(c.name+"/"+eol+"/sizes", func(b *testing.B) {
				s := mimesize.Scanner{SizesOnly: true}
				b.SetBytes(int64(len(message)))
				b.ReportAllocs()
				for b.Loop() {
					s.ScanBytes(message)
				}
			})
			b.Run(c.name+"/"+eol, func(b *testing.B) {
				var s mimesize.Scanner
				r := bytes.NewReader(message)
				b.SetBytes(int64(len(message)))
				b.ReportAllocs()
				for b.Loop() {
					r.Reset(message)
					if _, err := s.Scan(r); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkScanText is text without transfer encoding: short lines, which cost most, and 8-bit octets.
func BenchmarkScanText(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"short lines", "short\n"},
		{"lines of 72", strings.Repeat("x", 72) + "\n"},
		{"8-bit", strings.Repeat("Grüße ", 9) + "\n"},
		{"one line", strings.Repeat("x", 1<<20)},
	} {
		message := []byte("From: alice@example.com\n\n" + strings.Repeat(c.line, 1<<20/len(c.line)))
		b.Run(c.name, func(b *testing.B) {
			var s mimesize.Scanner
			r := bytes.NewReader(message)
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(message)
				if _, err := s.Scan(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkQPCounter(b *testing.B) {
	text := []byte(strings.Repeat("Grüße aus dem Garten, an alle, die es lesen.\n", 1000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		var q mimesize.QPCounter
		q.Write(text)
	}
}
