package facts_test

import (
	"fmt"
	"maps"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/mimesize"
	"postern/rules/facts"
)

// hostile are messages of about n octets made to cost time: what is read of them is full of beginnings without an end, of what is
// looked up, and of what has to be remembered.
var hostile = map[string]func(n int) string{
	"addresses":                func(n int) string { return header("To", n, "a%d@b%d.example,\r\n ") },
	"address that never ends":  func(n int) string { return header("To", n, `"a <`) },
	"comments in addresses":    func(n int) string { return header("To", n, "((((a)") },
	"groups":                   func(n int) string { return header("To", n, "g: a;\r\n ") },
	"nearly plain addresses":   func(n int) string { return header("To", n, "a.b@c.d (x),\r\n ") },
	"encoded words":            func(n int) string { return header("Subject", n, "=?utf-8?q?=C3?=\r\n ") },
	"parameters":               func(n int) string { return header("Content-Type", n, "text/plain; a*%d*=\"(\\\"") },
	"placeholders in a field":  func(n int) string { return header("Subject", n, "{{<A -b") },
	"openings of placeholders": func(n int) string { return body("text/plain", n, "{{ {% <% [% *| %% ${ #{ [[ __ ## @@ < -a") },
	"placeholders":             func(n int) string { return body("text/plain", n, "{{name%d}} <FNAME> -first-") },
	"blanks after words":       func(n int) string { return body("text/plain", n, "to be"+strings.Repeat(" ", 500)) },
	"salutations":              func(n int) string { return body("text/plain", n, "dear hello hi ") },
	"numbers for addresses":    func(n int) string { return body("text/plain", n, "12 street 12345 ") },
	"addresses of the web":     func(n int) string { return body("text/plain", n, "http://a%d.example/(((( ") },
	"one long word":            func(n int) string { return body("text/plain", n, "abcdefg1") },
	"alternatives":             func(n int) string { return alternatives(n) },
	"beginnings of uuencode":   func(n int) string { return body("text/plain", n, "begin 644 a\n") },
	"nested elements":          func(n int) string { return body("text/html", n, "<div style=\"display:none\"><p>") },
	"hidden text":              func(n int) string { return body("text/html", n, "<b hidden>a%d</b> x ") },
	"attributes":               func(n int) string { return "Content-Type: text/html\r\n\r\n<a " + repeat(n, "href%d=cid:x ") + ">" },
	"style sheets": func(n int) string {
		return body("text/html", n, "<style>@media {.a%d</style><p class=\"a b c d\" style=\"display:none\">")
	},
	"quoted-printable": func(n int) string { return coded("quoted-printable", n, "= =3D=  \t") },
	"base64":           func(n int) string { return coded("base64", n, "Q=*U J\r\n") },
	"signatures": func(n int) string {
		return repeat(n/8, "DKIM-Signature: a=rsa-sha256; c=relaxed; l=%d; bh=eA==; d=x\r\n") + "\r\n" + strings.Repeat("a  b \r\n", n/8)
	},
	"parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\nContent-ID: <a%d@b>\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n")
	},
	"elements":                          func(n int) string { return body("text/html", n, "<b>") },
	"elements of any name":              func(n int) string { return body("text/html", n, "<x%d>") },
	"paragraphs deep in elements":       func(n int) string { return deepElements(n, "<p>") },
	"end tags deep in elements":         func(n int) string { return deepElements(n, "</u>") },
	"scripts":                           func(n int) string { return body("text/html", n, "<script>a</script>") },
	"NUL in HTML":                       func(n int) string { return body("text/html", n, "<p>\x00 a") },
	"bare CR in HTML":                   func(n int) string { return body("text/html", n, "<p>\r a") },
	"references in attributes":          func(n int) string { return body("text/html", n, "<a href='&ampx&#65'>") },
	"links of HTML":                     func(n int) string { return body("text/html", n, "<a href=http://a%d.b>www.b%[1]d.com</a>") },
	"links to international domains":    func(n int) string { return body("text/html", n, "<a href=http://\u00fc%d.b>x</a>") },
	"images":                            func(n int) string { return body("text/html", n, "<img src=//a%d.b>") },
	"classes of style sheets":           func(n int) string { return classes(n) },
	"addresses of the web without http": func(n int) string { return body("text/plain", n, "www.a%d.b ") },
	"greetings":                         func(n int) string { return body("text/plain", n, "dear null,\r\n") },
	"numbers":                           func(n int) string { return body("text/plain", n, "1 ") },
	"Cyrillic":                          func(n int) string { return body("text/plain", n, "\u043f\u0440\u0438\u0432\u0435\u0442 ") },
	"Chinese":                           func(n int) string { return body("text/plain", n, "\u4e2d\u6587") },
	"characters of no width":            func(n int) string { return body("text/plain", n, "c\u200bl\u200bi\u200bc\u200bk ") },
	"no UTF-8":                          func(n int) string { return body("text/plain", n, "\xff\xfe\x80 ") },
	"Latin-1":                           func(n int) string { return inCharset("iso-8859-1", n, "\xe9t\xe9 ") },
	"UTF-16":                            func(n int) string { return inCharset("utf-16be", n, "\x00\xe9\x00t\x00\xe9\x00 ") },
	"ISO-2022-JP":                       func(n int) string { return inCharset("iso-2022-jp", n, "\x1b$B$3$s\x1b(B ") },
	"encoded words in names":            func(n int) string { return header("To", n, "=?iso-8859-1?q?=E9?= <a%d@b.c>, ") },
	"comments around addresses":         func(n int) string { return header("To", n, "a(c)@(d)b%d.de, ") },
	"international domains":             func(n int) string { return header("To", n, "a@\u00fc%d.de, ") },
	"mixed alphabets":                   func(n int) string { return header("From", n, "a%d@\u0430b%[1]d.c, ") },
	"lines like boundaries":             func(n int) string { return deepParts(n, "--b%dx\n") },
	"parts deep in parts":               func(n int) string { return deepParts(n, "--b%d\n\n\n") },
	"texts deep in parts":               func(n int) string { return deepParts(n, "--b%d\n\nx http://a {{a}}\n") },
}

// spent is the processor time that this process has taken, which what else the machine does changes less than the time of a clock.
func spent() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func repeat(n int, unit string) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		if strings.Contains(unit, "%d") {
			fmt.Fprintf(&b, unit, i)
		} else {
			b.WriteString(unit)
		}
	}
	return b.String()
}

func header(name string, n int, unit string) string {
	return "From: a@example.com\r\n" + name + ": " + repeat(n, unit) + "\r\n\r\nx\r\n"
}

func body(mediaType string, n int, unit string) string {
	return "Content-Type: " + mediaType + "; charset=utf-8\r\n\r\n" + repeat(n, unit)
}

func coded(encoding string, n int, unit string) string {
	return "Content-Type: text/plain\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + repeat(n, unit)
}

func archive(kind, content string) string {
	return "Content-Type: application/" + kind + "; name=a." + kind + "\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content
}

func inCharset(charset string, n int, unit string) string {
	return "Content-Type: text/plain; charset=" + charset + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + repeat(n, unit)
}

func deepElements(n int, unit string) string {
	return body("text/html", 0, "") + "<p>" + strings.Repeat("<i>", 600) + repeat(n, unit)
}

func classes(n int) string {
	return body("text/html", 0, "") + "<style>@media{" + repeat(n/2, "."+strings.Repeat("a", 80)) + "</style>" +
		repeat(n/2, "<p class='"+strings.Repeat("a", 80)+"%d' hidden>")
}

// deepParts has most of its parts in the innermost of 90 multiparts.
func deepParts(n int, unit string) string {
	const depth = 90
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return b.String() + "\n" + repeat(n-b.Len(), fmt.Sprintf(unit, depth-1))
}

func alternatives(n int) string {
	return "Content-Type: multipart/alternative; boundary=b\r\n\r\n" + repeat(n, "--b\r\n\r\nword%d and many others\r\n--b\r\nContent-Type: text/html\r\n\r\nword%[1]d and others\r\n")
}

// BenchmarkLinear shows the speed at which hostile messages are read, and how much longer one of twice the size takes: the floor is
// 100 MB/s, the limit 2.1. No message is larger than what is read of one text part or one field, beyond which there is less to do.
func BenchmarkLinear(b *testing.B) {
	const size = 60_000
	all := maps.Clone(hostile)
	maps.Copy(all, hostileForms)
	for name, make := range all {
		b.Run(name, func(b *testing.B) {
			once := []string{make(size), make(2 * size)}
			var best [2]time.Duration
			var s mimesize.Scanner
			for b.Loop() {
				for i, mail := range once {
					start := spent()
					res := s.ScanBytes([]byte(mail))
					facts.Make(strings.NewReader(mail), int64(len(mail)), res, nil, facts.Options{})
					if d := spent() - start; best[i] == 0 || d < best[i] {
						best[i] = d
					}
				}
			}
			b.ReportMetric(float64(best[1])/float64(best[0])*float64(len(once[0]))*2/float64(len(once[1])), "ratio")
			b.ReportMetric(float64(len(once[1]))/best[1].Seconds()/1e6, "MB/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
