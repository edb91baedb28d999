package facts_test

import (
	"fmt"
	"strings"
)

// hostileForms are more of them, of the forms that few messages have.
var hostileForms = map[string]func(n int) string{
	// Header fields.
	"groups with addresses":        func(n int) string { return header("To", n, "g%d: a@b.c, d@e.f;\r\n ") },
	"groups in groups":             func(n int) string { return header("To", n, "g:") },
	"routes":                       func(n int) string { return header("To", n, "<@a,@b,@c:a%d@d.e>,\r\n ") },
	"a route that never ends":      func(n int) string { return header("To", n, "<@a,") },
	"words beside addresses":       func(n int) string { return header("To", n, "a@b.c x%d y ") },
	"dots":                         func(n int) string { return header("To", n, ". a . ") },
	"at signs":                     func(n int) string { return header("To", n, "@") },
	"at signs and words":           func(n int) string { return header("To", n, "a @ ") },
	"quotes":                       func(n int) string { return header("To", n, "\"\\\"") },
	"quoted local parts":           func(n int) string { return header("To", n, "\"a b\\\"%d\"@c.d, ") },
	"addresses in quotes":          func(n int) string { return header("To", n, "\"a%d@b.c\", ") },
	"literals":                     func(n int) string { return header("To", n, "a%d@[192.0.2.1], ") },
	"A-labels":                     func(n int) string { return header("To", n, "a@xn--%d-kva.de, ") },
	"domains of the public list":   func(n int) string { return header("To", n, "a@b%d.kawasaki.jp, ") },
	"many short To fields":         func(n int) string { return repeat(n, "To: a%d@b.c\r\n") + "\r\nx\r\n" },
	"angles":                       func(n int) string { return header("To", n, "<<>") },
	"encoded words that never end": func(n int) string { return header("Subject", n, "=?a?q?") },
	"encoded words of base64":      func(n int) string { return header("Subject", n, "=?utf-8?b?w7w=?= ") },
	"encoded words of any charset": func(n int) string { return header("Subject", n, "=?iso-2022-jp?b?GyRCJDMbKEI=?= ") },
	"encoded words in To":          func(n int) string { return header("To", n, "=?utf-8?b?w7w=?=\r\n ") },
	"questions":                    func(n int) string { return header("To", n, "=?") },
	"received": func(n int) string {
		return repeat(n, "Received: from a%d by b; Thu, 1 Jan 2026 00:00:00 +0000\r\n") + "\r\nx"
	},
	"references":                func(n int) string { return header("References", n, "<a%d@b.c>\r\n ") },
	"references that never end": func(n int) string { return header("References", n, "<a%d@(") },
	"in reply to":               func(n int) string { return header("In-Reply-To", n, "<\"a%d\"@[b]> (c)") },
	"message ids":               func(n int) string { return repeat(n, "Message-ID: <a%d@b>\r\n") + "\r\nx" },
	"dates":                     func(n int) string { return repeat(n, "Date: Thu (((a))), 1 Jan %d 00:00:00 +0000\r\n") + "\r\nx" },
	"one date":                  func(n int) string { return header("Date", n, "(a) Thu,") },
	"list fields": func(n int) string {
		return repeat(n, "List-Unsubscribe: <http://a%d.b>, <mailto:a@b>\r\nList-Id: a <b%[1]d.c>\r\n") + "\r\nx"
	},
	"one list field":           func(n int) string { return header("List-Unsubscribe", n, "<http://a%d.b/>, ") },
	"one list field of mailto": func(n int) string { return header("List-Unsubscribe", n, "<mailto:a%d@b?subject=x>, ") },
	"signature with many tags": func(n int) string { return header("DKIM-Signature", n, "a%d=b; ") },
	"signature of many fields": func(n int) string { return header("DKIM-Signature", n, "h=a%d:b:c; ") },
	"signatures of few octets": func(n int) string {
		return repeat(min(n/4, 50_000), "DKIM-Signature: a=rsa-sha256; c=relaxed/relaxed; l=%d; h=From; bh=eA==; b=a; d=x\r\n") + "\r\n" + strings.Repeat("a  b \r\n", n/8)
	},
	"signatures with many h": func(n int) string {
		return repeat(n, "DKIM-Signature: v=1; a=rsa-sha256; h=From:From:To:a%d:b:c:d:e:f; bh=eA==; b=a; d=x\r\n") + "\r\nx"
	},
	"a field of many lines":   func(n int) string { return header("X", n, "a\r\n ") },
	"any fields":              func(n int) string { return repeat(n, "X-%d: a\r\n") + "\r\nx" },
	"fields of one name":      func(n int) string { return repeat(n, "Subject: a\r\n") + "\r\nx" },
	"comments in the subject": func(n int) string { return header("Subject", n, "((({{") },
	"placeholders in names":   func(n int) string { return header("To", n, "{{a%d}} <b@c.d>, ") },
	// MIME.
	"continuations": func(n int) string { return header("Content-Type", n, "; name*%d*=utf-8''a%%20b") },
	"continuations backwards": func(n int) string {
		var b strings.Builder
		for i := n / 14; i > 0; i-- {
			fmt.Fprintf(&b, ";\r\n name*%d=a", i)
		}
		return "From: a@example.com\r\nContent-Type: text/plain" + b.String() + "\r\n\r\nx\r\n"
	},
	"parameters of a disposition": func(n int) string { return header("Content-Disposition", n, "; filename*=utf-8''%%41%d") },
	"many parameters in parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\nContent-Type: a/b; name*0=a; name*1=b; name*2*=%%41; name=\"=?utf-8?q?a%d?=\"\r\n\r\n")
	},
	"messages in messages": func(n int) string { return repeat(n, "Content-Type: message/rfc822\r\n\r\n") },
	"messages in parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b%d\r\n\r\nx\r\n")
	},
	"header lines like boundaries": func(n int) string { return deepParts(n, "--b%dx:\n") },
	"boundaries that begin others": func(n int) string { return boundariesThatBegin(n) },
	"empty parts":                  func(n int) string { return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\n") },
	"images inside": func(n int) string {
		return "Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n" + repeat(n/2, "<img src=cid:%d>") + "\r\n" + repeat(n/2, "--b\r\nContent-ID: <%d>\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\r\n")
	},
	"TNEF": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\neJ8+IgAAAQAB\r\n")
	},
	"zips": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nUEsDBBQAAQAIAAAAAAAAAAAAAAAAAAAAAAABAAAAYQ==\r\n")
	},
	"files in a zip": func(n int) string {
		return archive("zip", repeat(n, "PK\x01\x02\x14\x00\x14\x00\x00\x00\x00\x00................\x08\x00\x00\x00..............a.e%d"))
	},
	"headers in headers of a zip": func(n int) string { return archive("zip", repeat(n, "PK\x03\x04\x14\x00\x00\x00\x00\x00....")) },
	"extra fields of a zip": func(n int) string {
		return archive("zip", repeat(n, "PK\x03\x04\x14\x00\x00\x00\x00\x00................\x01\x00\xff\xffaup\x00\x00up\x06\x00\x01....a"))
	},
	"files in a tar": func(n int) string {
		return archive("tar", strings.Repeat("a.e"+strings.Repeat("\x00", 509), n/512))
	},
	"uuencoded files":          func(n int) string { return body("text/plain", n, "begin 644 a\r\n#86)C\r\n`\r\nend\r\n") },
	"uuencode that never ends": func(n int) string { return body("text/plain", n, "begin 644 a\r\n#86)C\r\n") },
	"yEnc": func(n int) string {
		return body("text/plain", n, "=ybegin line=128 size=3 name=a%d\r\nabc\r\n=yend size=3\r\n")
	},
	"yEnc beginnings":     func(n int) string { return body("text/plain", n, "=ybegin line=128 size=3 name=a\r\n") },
	"soft breaks":         func(n int) string { return coded("quoted-printable", n, "=\r\n") },
	"coded letters":       func(n int) string { return coded("quoted-printable", n, "=41") },
	"base64 in stars":     func(n int) string { return coded("base64", n, "*Q*") },
	"base64 with padding": func(n int) string { return coded("base64", n, "QQ==\r\n") },
	"attachments of text": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat(n, "--b\r\nContent-Type: text/plain; name=a%d.txt\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj\r\n")
	},
	// HTML.
	"nested tables":           func(n int) string { return body("text/html", n, "<table><tr><td>") },
	"rows":                    func(n int) string { return body("text/html", n, "<tr><td>a") },
	"lists":                   func(n int) string { return body("text/html", n, "<ul><li>a<li>b") },
	"entities":                func(n int) string { return body("text/html", n, "&amp;&lt;&nbsp;") },
	"numeric entities":        func(n int) string { return body("text/html", n, "&#65;&#x41;") },
	"entities that are none":  func(n int) string { return body("text/html", n, "&abcdefghi") },
	"ampersands":              func(n int) string { return body("text/html", n, "&") },
	"comments":                func(n int) string { return body("text/html", n, "<!--a-->") },
	"comments of Outlook":     func(n int) string { return body("text/html", n, "<!--[if mso]><b>a</b><![endif]-->") },
	"comment that never ends": func(n int) string { return body("text/html", n, "<!-- --!") },
	"declarations":            func(n int) string { return body("text/html", n, "<!a>") },
	"angles in HTML":          func(n int) string { return body("text/html", n, "<") },
	"tags that never end":     func(n int) string { return body("text/html", n, "<a href='") },
	"scripts that never end":  func(n int) string { return body("text/html", n, "<script><!--<script>") },
	"textareas":               func(n int) string { return body("text/html", n, "<textarea></textare>") },
	"titles":                  func(n int) string { return body("text/html", n, "<title>&amp;a</title>") },
	"styles": func(n int) string {
		return body("text/html", n, "<p style=\"color:red;background:url(data:x);font-size:1px;width:%dpx\">")
	},
	"style of many properties": func(n int) string { return body("text/html", n, "<p style='") + repeat(n, "color:red;") + "'>" },
	"style of comments":        func(n int) string { return body("text/html", 0, "") + "<p style='" + repeat(n, "/*a*/") + "'>" },
	"style of escapes": func(n int) string {
		return body("text/html", 0, "") + "<p style='" + repeat(n, "\\64isplay:none;") + "'>"
	},
	"colours": func(n int) string {
		return body("text/html", n, "<font color=rgb(1,2,3)><p style=color:hsl(1,2%%,3%%);background-color:#%d>a")
	},
	"body and grounds": func(n int) string { return body("text/html", n, "<body bgcolor=white><font color=#fffff%d>a</font>") },
	"many classes": func(n int) string {
		return body("text/html", n/2, "<style>@media{.a{}}</style>") + "<p hidden class='" + repeat(n/2, "a%d ") + "'>"
	},
	"style elements": func(n int) string { return body("text/html", n, "<style>a{}</style>") },
	"selectors": func(n int) string {
		return body("text/html", 0, "") + "<style>" + repeat(n, "a>b~c+d[e=\"f\"]:not(.g%d){color:red}") + "</style>"
	},
	"links with text":            func(n int) string { return body("text/html", n, "<a href=http://a.b/%d>http://c.d/%[1]d</a>") },
	"links to one place":         func(n int) string { return body("text/html", n, "<a href=http://a.b>x</a>") },
	"links to addresses of IP":   func(n int) string { return body("text/html", n, "<a href=http://0x7f.%d>x</a>") },
	"links in percent":           func(n int) string { return body("text/html", n, "<a href=http://%%61%%2e%d.b>x</a>") },
	"links with credentials":     func(n int) string { return body("text/html", n, "<a href=http://a%d@b.c>x</a>") },
	"mailto links":               func(n int) string { return body("text/html", n, "<a href=mailto:a%d@b.c>x</a>") },
	"data in images":             func(n int) string { return body("text/html", n, "<img src=data:%d,>") },
	"one long attribute":         func(n int) string { return body("text/html", 0, "") + "<a href='" + repeat(n, "cid:a cid:") + "'>" },
	"hidden and shown":           func(n int) string { return body("text/html", n, "<p hidden>a<p>b") },
	"preheader":                  func(n int) string { return body("text/html", n, "&zwnj;&nbsp;") },
	"widths":                     func(n int) string { return body("text/html", n, "<img width=1 height=1 alt=\"\" src=a%d>") },
	"forms":                      func(n int) string { return body("text/html", n, "<form action=http://a%d.b><input type=image src=x>") },
	"objects":                    func(n int) string { return body("text/html", n, "<object><object></object>") },
	"placeholders in HTML":       func(n int) string { return body("text/html", n, "<p>{{a%d}}</p>") },
	"placeholders in attributes": func(n int) string { return body("text/html", n, "<a href=\"{{a%d}}\" title=\"{%%b%%}\">") },
	"leftovers in HTML":          func(n int) string { return body("text/html", n, "<p>Dear ,<p>undefined NaN TODO ") },
	"metas":                      func(n int) string { return body("text/html", n, "<meta charset=a%d>") },
	"angles before meta":         func(n int) string { return body("text/html", n, "<\xe9") },
	// Text.
	"UTF-7":                 func(n int) string { return inCharset("utf-7", n, "+AOk-t+AOk- ") },
	"HZ":                    func(n int) string { return inCharset("hz-gb-2312", n, "~{VPND~} a ") },
	"ISO-2022-KR":           func(n int) string { return inCharset("iso-2022-kr", n, "\x1b$)C\x0e0!\x0f a ") },
	"Big5":                  func(n int) string { return inCharset("big5", n, "\xa4\xa4 ") },
	"GB 18030":              func(n int) string { return inCharset("gb18030", n, "\x81\x30\x81\x30 ") },
	"EUC-JP":                func(n int) string { return inCharset("euc-jp", n, "\xa4\xb3 ") },
	"unknown charset":       func(n int) string { return inCharset("x-none", n, "\xe9 a") },
	"TODO":                  func(n int) string { return body("text/plain", n, "TODO FIXME XXX lorem ipsum ") },
	"brackets":              func(n int) string { return body("text/plain", n, "[Name] [[a]] {b} ") },
	"braces":                func(n int) string { return body("text/plain", n, "{{") },
	"braces that end":       func(n int) string { return body("text/plain", n, "}}") },
	"templates":             func(n int) string { return body("text/plain", n, "{{#if a%d}}b{{/if}} ") },
	"percents":              func(n int) string { return body("text/plain", n, "%%a%d%% ") },
	"dollars":               func(n int) string { return body("text/plain", n, "$a%d ${b} ") },
	"underscores":           func(n int) string { return body("text/plain", n, "__A%d__ ") },
	"dates of nobody":       func(n int) string { return body("text/plain", n, "Invalid Date [object Object] ") },
	"phrases":               func(n int) string { return body("text/plain", n, "click here act now free money unsubscribe ") },
	"phrases near Cyrillic": func(n int) string { return body("text/plain", n, "\u0430click here ") },
	"postal addresses":      func(n int) string { return body("text/plain", n, "PO Box 12 Main Street %d NY ") },
	"quoted lines":          func(n int) string { return body("text/plain", n, "> {{a}}\r\n") },
	"dots on lines":         func(n int) string { return body("text/plain", n, ".\r\n") },
	"short lines":           func(n int) string { return body("text/plain", n, "\r\n") },
	"CR":                    func(n int) string { return body("text/plain", n, "\r") },
	"NUL":                   func(n int) string { return body("text/plain", n, "\x00") },
	"links in brackets":     func(n int) string { return body("text/plain", n, "<http://a.b/%d> (www.c%[1]d.com)") },
	"schemes":               func(n int) string { return body("text/plain", n, "http://") },
	"www":                   func(n int) string { return body("text/plain", n, "www.") },
	"addresses in text":     func(n int) string { return body("text/plain", n, "a%d@b.c ") },
	"Arabic":                func(n int) string { return body("text/plain", n, "\u0627\u0644 ") },
	"combining marks":       func(n int) string { return body("text/plain", n, "a\u0301\u0302") },
	"emoji":                 func(n int) string { return body("text/plain", n, "\U0001f600\u200d\U0001f600 ") },
	"no-break spaces":       func(n int) string { return body("text/plain", n, "a\u00a0") },
	"capitals":              func(n int) string { return body("text/plain", n, "A B ") },
	"bold letters":          func(n int) string { return body("text/plain", n, "\U0001d41a\U0001d41b ") },
	"mixed words":           func(n int) string { return body("text/plain", n, "p\u0430ypal ") },
	"alternatives of one text": func(n int) string {
		return "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n" + repeat(n/2, "word%d ") + "\r\n--b\r\nContent-Type: text/html\r\n\r\n" + repeat(n/2, "<p>word%d ")
	},
}

// boundariesThatBegin has lines that begin like the boundaries of all multiparts around.
func boundariesThatBegin(n int) string {
	const depth = 90
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=%[1]s\n\n--%[1]s\n", strings.Repeat("b", i+1))
	}
	return b.String() + "\n" + repeat(n-b.Len(), "--"+strings.Repeat("b", depth+20)+"\n")
}
