package facts_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"postern/mimesize"
	"postern/rules/facts"
)

// measure gives the facts of an invented mail.
func measure(t testing.TB, mail string) *facts.Facts {
	t.Helper()
	r, err := mimesize.Scan(strings.NewReader(mail))
	if err != nil {
		t.Fatal(err)
	}
	return facts.Make(strings.NewReader(mail), int64(len(mail)), r, nil, facts.Options{})
}

const top = "From: a@example.com\nTo: b@example.org\nSubject: x\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <1@example.com>\nMIME-Version: 1.0\n"

func htmlMail(body string) string {
	return top + "Content-Type: text/html; charset=utf-8\n\n" + body + "\n"
}

func textMail(body string) string {
	return top + "Content-Type: text/plain; charset=utf-8\n\n" + body + "\n"
}

// ids gives the ids of the problems that begin with one of the prefixes.
func ids(f *facts.Facts, prefixes ...string) string {
	var all []string
	for _, p := range f.Problems {
		for _, prefix := range prefixes {
			if strings.HasPrefix(p.ID, prefix) {
				all = append(all, p.ID)
			}
		}
	}
	return strings.Join(all, " ")
}

func TestFilename(t *testing.T) {
	for _, c := range []struct{ name, fields, want string }{
		{"plain", `Content-Disposition: attachment; filename=a.txt`, "a.txt"},
		{"blanks without quotes", `Content-Disposition: attachment; filename=my report.pdf; size=3`, "my report.pdf"},
		{"parenthesis in the name", `Content-Disposition: attachment; filename=report(1).pdf`, "report(1).pdf"},
		{"comment", `Content-Disposition: attachment (really); filename=a.txt (a text)`, "a.txt"},
		{"semicolon in quotes", `Content-Disposition: attachment; filename="a;b.txt"`, "a;b.txt"},
		{"escaped quote", `Content-Disposition: attachment; filename="a\"b.txt"`, `a"b.txt`},
		{"backslashes of a path", `Content-Disposition: attachment; filename="C:\TEMP\a.txt"`, `C:\TEMP\a.txt`},
		{"quote never closed", `Content-Disposition: attachment; filename="a.txt; size=3`, "a.txt"},
		{"name of the type", `Content-Type: application/pdf; name=b.pdf`, "b.pdf"},
		{"filename before name", "Content-Type: application/pdf; name=b.pdf\nContent-Disposition: inline; filename=a.pdf", "a.pdf"},
		{"RFC 2231", `Content-Disposition: attachment; filename*=utf-8'de'Ma%C3%9Fe.pdf`, "Maße.pdf"},
		{"RFC 2231, another charset", `Content-Disposition: attachment; filename*=windows-1251''%EF%F0%EE.txt`, "про.txt"},
		{"RFC 2231 without charset", `Content-Disposition: attachment; filename*=Ma%C3%9Fe.pdf`, "Maße.pdf"},
		{"RFC 2231 in pieces", "Content-Disposition: attachment;\n filename*0*=utf-8''Ma%C3%9F;\n filename*1=\"e 1\";\n filename*2*=%2Epdf", "Maße 1.pdf"},
		{"RFC 2231 in pieces, out of order", "Content-Disposition: attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"},
		{"apostrophes without RFC 2231", `Content-Disposition: attachment; filename="it's Bob's.txt"`, "it's Bob's.txt"},
		{"RFC 2047", `Content-Disposition: attachment; filename="=?utf-8?Q?Ma=C3=9Fe=2Epdf?="`, "Maße.pdf"},
		{"RFC 2047 folded inside the word", "Content-Disposition: attachment; filename=\"=?utf-8?Q?Ma=C3=9Fe=2E\n pdf?=\"", "Maße.pdf"},
		{"RFC 2047 in two words", "Content-Disposition: attachment; filename=\"=?utf-8?Q?Ma=C3?=\n =?utf-8?Q?=9Fe.pdf?=\"", "Maße.pdf"},
		{"raw UTF-8", `Content-Disposition: attachment; filename="Maße.pdf"`, "Maße.pdf"},
		{"raw Latin-1", "Content-Disposition: attachment; filename=\"Ma\xdfe.pdf\"", "Maße.pdf"},
		{"none", `Content-Disposition: attachment`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			mail := top + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello there.\n--b\n" + c.fields + "\n\nx\n--b--\n"
			f := measure(t, mail)
			if len(f.Attachments) != 1 {
				t.Fatalf("%d attachments, want 1", len(f.Attachments))
			}
			if got := f.Attachments[0].Filename; got != c.want {
				t.Errorf("called %q, want %q", got, c.want)
			}
		})
	}
}

func TestFilenameProblems(t *testing.T) {
	for _, c := range []struct{ name, fields, want string }{
		{"plain", `Content-Disposition: attachment; filename=a.txt`, ""},
		{"RFC 2231", `Content-Disposition: attachment; filename*=utf-8''a%20b.txt`, ""},
		{"both forms", `Content-Disposition: attachment; filename=a.txt; filename*=utf-8''a.txt`, "rfc.mime_param2231"},
		{"a missing piece", `Content-Disposition: attachment; filename*0=a; filename*2=b.txt`, "rfc.mime_param2231"},
		{"no charset", `Content-Disposition: attachment; filename*=a%20b.txt`, "rfc.mime_param2231"},
		{"encoded word", `Content-Disposition: attachment; filename="=?utf-8?Q?a?="`, "rfc.mime_param2231"},
		{"same names", "Content-Type: text/csv; name=a.csv\nContent-Disposition: attachment; filename=a.csv", ""},
		{"two names", "Content-Type: text/csv; name=b.csv\nContent-Disposition: attachment; filename=a.csv", "rfc.content_type_name"},
		{"path", `Content-Disposition: attachment; filename="../a.txt"`, "rfc.content_type_name"},
		{"right-to-left override", "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe", "rfc.content_type_name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := measure(t, top+"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n"+c.fields+"\n\nx\n--b--\n")
			if got := ids(f, "rfc.mime_param2231", "rfc.content_type_name"); got != c.want {
				t.Errorf("problems %q, want %q", got, c.want)
			}
		})
	}
}

func TestExtension(t *testing.T) {
	for _, c := range []struct {
		name, ext string
		double    bool
	}{
		{"a.pdf", "pdf", false},
		{"A.PDF", "pdf", false},
		{"a", "", false},
		{"invoice.pdf.exe", "exe", true},
		{"invoice.pdf      .exe", "exe", true},
		{"invoice.pdf.exe.", "exe", true},
		{"backup.tar.gz", "gz", false},
		{"v1.2.exe", "exe", false},
		{"2026.03.02.pdf", "pdf", false},
		{"letter.docx.p7s", "p7s", false},
		{".bashrc", "bashrc", false},
	} {
		mail := top + "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename=\"" + c.name + "\"\n\nx\n"
		a := measure(t, mail).Attachments[0]
		if a.Extension != c.ext || a.DoubleExtension != c.double {
			t.Errorf("%q: extension %q, double %v; want %q, %v", c.name, a.Extension, a.DoubleExtension, c.ext, c.double)
		}
	}
}

// TestAttachments reads one message that has each kind.
func TestAttachments(t *testing.T) {
	mail := top + `Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See the files.
--b
Content-Type: application/zip; name=a.zip
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=a.zip

UEsDBAoAAQAAAA==
--b
Content-Type: text/plain
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=plain.txt

VGhpcyBpcyBwbGFpbiB0ZXh0IHRoYXQgbmVlZHMgbm8gZW5jb2RpbmcgYXQgYWxsLg==
--b
Content-Type: message/rfc822
Content-Disposition: attachment

From: c@example.net
Content-Type: application/pdf; name=inner.pdf

%PDF-1.4
--b
Content-Type: image/png; name=pic.png
Content-Transfer-Encoding: x-unknown

abc
--b--
`
	f := measure(t, mail)
	want := []facts.Attachment{
		{Path: "2", Filename: "a.zip", Extension: "zip", DeclaredType: "application/zip", SniffedType: "application/zip", Disposition: "attachment", Encoding: "base64", EncodedBytes: 16, DecodedBytes: ptr(10), EncryptedZip: true, Line: 14},
		{Path: "3", Filename: "plain.txt", Extension: "txt", DeclaredType: "text/plain", SniffedType: "text/plain", Disposition: "attachment", Encoding: "base64", EncodedBytes: 68, DecodedBytes: ptr(49), Wasteful: "quoted-printable", SavedBytes: 19, Line: 20},
		{Path: "4", DeclaredType: "message/rfc822", Disposition: "attachment", EncodedBytes: 78, DecodedBytes: ptr(75), Line: 26},
		{Path: "5", Filename: "pic.png", Extension: "png", DeclaredType: "image/png", Encoding: "unknown", EncodedBytes: 3, Line: 34},
	}
	if d := cmp.Diff(want, f.Attachments); d != "" {
		t.Errorf("attachments (-want +got):\n%s", d)
	}
	if len(f.Embedded) != 1 || f.Embedded[0].Filename != "inner.pdf" || f.Embedded[0].SniffedType != "application/pdf" {
		t.Errorf("embedded: %+v", f.Embedded)
	}
	if s := f.Size; s.AttachmentsBytes != 16+68+78+3 || s.LargestAttachment != 78 || s.LargestDecodedBytes != 75 {
		t.Errorf("sizes %d, %d, %d", s.AttachmentsBytes, s.LargestAttachment, s.LargestDecodedBytes)
	}
}

func ptr(n int64) *int64 { return &n }

func TestText(t *testing.T) {
	f := measure(t, textMail("Hello WORLD, 2 words more."))
	if w := f.Text; w.PlainParts != 1 || w.PlainWords != 5 || w.Letters != 19 || w.Capitals != 6 || w.PlainBytes != 27 || w.Empty {
		t.Errorf("%+v", w)
	}
	for name, mail := range map[string]string{
		"nothing":       textMail(""),
		"blanks":        textMail("  \u00a0 \u200b"),
		"empty markup":  htmlMail("<p>&nbsp;</p>"),
		"only a spacer": htmlMail(`<img src="https://example.com/o.gif" width="1" height="1">`),
	} {
		if !measure(t, mail).Text.Empty {
			t.Errorf("%s: not empty", name)
		}
	}
	for name, mail := range map[string]string{
		"a word":        textMail("x"),
		"a picture":     htmlMail(`<img src="https://example.com/o.gif">`),
		"an attachment": top + "Content-Type: application/pdf; name=a.pdf\n\nx\n",
	} {
		if measure(t, mail).Text.Empty {
			t.Errorf("%s: empty", name)
		}
	}
}

// TestTransferEncodings holds text that go-message's decoders would give up, or lose the rest of.
func TestTransferEncodings(t *testing.T) {
	long := strings.Repeat("word ", 2000)
	for _, c := range []struct {
		name, encoding, body string
		words                int
	}{
		{"base64 with odd octets", "base64", "aGVs!bG8g*d29y\nbGQ=", 2},
		{"base64 without padding", "base64", "aGVsbG8gd29ybGQ", 2},
		{"quoted-printable with a bad escape", "quoted-printable", "a =ZZ b=\nc d", 4},
		{"quoted-printable with a control", "quoted-printable", "a \x01 b c", 3},
		{"quoted-printable with a long line", "quoted-printable", long + "end=21", 2001},
		{"identity", "8bit", long, 2000},
	} {
		f := measure(t, top+"Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: "+c.encoding+"\n\n"+c.body+"\n")
		if got := f.Text.PlainWords; got != c.words {
			t.Errorf("%s: %d words, want %d", c.name, got, c.words)
		}
	}
	f := measure(t, top+"Content-Type: text/plain\nContent-Transfer-Encoding: x-uue\n\nabc\n")
	if f.Text.Undecoded != 1 {
		t.Errorf("unknown encoding: %d undecoded parts, want 1", f.Text.Undecoded)
	}
}

func TestCharsets(t *testing.T) {
	for _, c := range []struct{ name, ctype, body, want string }{
		{"ASCII without charset", "text/plain", "plain", ""},
		{"8-bit without charset", "text/plain", "Ma\xc3\x9fe", "rfc.charset_missing"},
		{"right", "text/plain; charset=utf-8", "Ma\xc3\x9fe", ""},
		{"in quotes, upper case", `text/plain; charset="UTF-8"`, "Ma\xc3\x9fe", ""},
		{"not UTF-8", "text/plain; charset=utf-8", "Ma\xdfe", "rfc.charset_mismatch"},
		{"8-bit in us-ascii", "text/plain; charset=us-ascii", "Ma\xdfe", "rfc.charset_mismatch"},
		{"Latin-1", "text/plain; charset=iso-8859-1", "Ma\xdfe", ""},
		{"bad Shift_JIS", "text/plain; charset=shift_jis", "\x81\xff\xff", "rfc.charset_mismatch"},
		{"not registered", "text/plain; charset=klingon-1", "x", "rfc.charset_unknown"},
		{"registered, but nothing decodes it", "text/plain; charset=scsu", "x", "rfc.charset_unknown"},
		{"UTF-7", "text/plain; charset=utf-7", "Ma+AN8-e", ""},
		{"bad UTF-7", "text/plain; charset=utf-7", "Ma+A-e", "rfc.charset_mismatch"},
		{"UTF-32", "text/plain; charset=utf-32be", "\x00\x00\x00M\x00\x00\x00\xdf\x00\x00\x00e\x00\x00\x00", ""},
		{"document says the same", "text/html; charset=iso-8859-1", "<meta charset=windows-1252>Ma\xdfe", ""},
		{"document says another", "text/html; charset=utf-8", "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>Ma\xc3\x9fe", "rfc.charset_meta"},
		{"only the document says one", "text/html", "<meta charset=utf-8>Ma\xc3\x9fe", ""},
		{"document says another of ASCII text", "text/html; charset=utf-8", "<meta charset=koi8-r>abc", ""},
	} {
		f := measure(t, top+"Content-Type: "+c.ctype+"\nContent-Transfer-Encoding: 8bit\n\n"+c.body+"\n")
		if got := ids(f, "rfc.charset"); got != c.want {
			t.Errorf("%s: problems %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCutCharacter reads a part whose cap falls inside a character.
func TestCutCharacter(t *testing.T) {
	f := measure(t, textMail("a"+strings.Repeat("é", 600_000)))
	if got := ids(f, "rfc.charset"); got != "" || !f.Text.Truncated {
		t.Errorf("problems %q, truncated %v", got, f.Text.Truncated)
	}
}

func TestHiddenText(t *testing.T) {
	for _, c := range []struct {
		name, html string
		want       int
	}{
		{"nothing hidden", `<p>hello</p>`, 0},
		{"display:none", `<p>hello</p><div style="display: none">secret words</div>`, 1},
		{"important", `<p>hello</p><div style="display:none !important">secret</div>`, 1},
		{"visibility", `<p>hello</p><span style="visibility:hidden">secret</span>`, 1},
		{"visible again inside", `<p>hello</p><span style="visibility:hidden"><b style="visibility:visible">shown</b></span>`, 0},
		{"zero size", `<p>hello <span style="font-size:0px">secret</span></p>`, 1},
		{"layout trick with size zero", `<p>hello</p><div style="font-size:0"><span style="font-size:14px">shown</span></div>`, 0},
		{"hidden attribute", `<p>hello</p><p hidden>secret</p>`, 1},
		{"height zero", `<p>hello</p><div style="max-height:0;overflow:hidden">secret</div>`, 1},
		{"height zero alone", `<p>hello</p><div style="max-height:0">shown over the edge</div>`, 0},
		{"colour of its own ground", `<p>hello</p><td style="color:#fff;background:#FFFFFF">secret</td>`, 1},
		{"nearly the colour of its ground", `<p>hello</p><p style="color:#fefefe;background-color:white">secret</p>`, 1},
		{"colour of body's ground", `<body bgcolor=white><p>hello</p><font color="#ffffff">secret</font>`, 1},
		{"white on a blue cell", `<body bgcolor=white><p>hello</p><table><td bgcolor=blue><font color=white>shown</font></td></table>`, 0},
		{"white on a picture", `<body bgcolor=white><p>hello</p><table><td background=a.png><font color=white>shown</font></td></table>`, 0},
		{"white on an unstated ground", `<p>hello</p><font color=white>who knows</font>`, 0},
		{"preheader", `<div style="display:none">Our spring sale begins today</div><p>hello</p>`, 0},
		{"preheader and padding", `<div style="display:none">Our sale</div><div style="display:none">&zwnj;&nbsp;&zwnj;&nbsp;</div><p>hello</p>`, 0},
		{"preheader in spans", `<div style="display:none"><span>Our</span> <span>sale</span></div><p>hello</p>`, 0},
		{"too long for a preheader", `<div style="display:none">` + strings.Repeat("secret ", 60) + `</div><p>hello</p>`, 1},
		{"second line before the text", `<div style="display:none">One</div><div style="display:none">two</div><p>hello</p>`, 1},
		{"for small screens", `<style>@media (max-width:600px){.m{display:block!important}}</style><p>hello</p><div class="m" style="display:none">hello</div>`, 0},
		{"unclosed paragraph", `<p>hello<p style="display:none">secret<p>shown`, 1},
		{"comment", `<p>hello</p><!-- not text at all -->`, 0},
		{"style sheet", `<style>p{color:red}</style><p>hello</p>`, 0},
	} {
		f := measure(t, htmlMail(c.html))
		if got := f.Text.HiddenText; got != c.want {
			t.Errorf("%s: %d hidden runs (%q), want %d", c.name, got, f.Text.HiddenSample, c.want)
		}
	}
}

func TestHTMLCounts(t *testing.T) {
	f := measure(t, htmlMail(`<html><head><title>not counted</title><script>var x = "no";</script><script type="application/ld+json">{}</script></head>
<body><p>One two <b>three</b></p><img src="cid:x@example.com" alt=""><a href="https://example.com/"><img src="data:image/gif;base64,R0lG"></a>
<form action="https://example.com/f"><input type=image src=a.png alt=go></form><div style="display:none;visibility:hidden">x</div></body></html>`))
	w := f.Text
	if w.HTMLParts != 1 || w.HTMLWords != 3 || w.Images != 3 || w.ImagesWithoutAlt != 1 || w.LinkedImages != 1 || w.Scripts != 1 || w.Forms != 1 || w.DataURIs != 1 {
		t.Errorf("%+v", w)
	}
	if f.Links.Total != 2 {
		t.Errorf("%d links, want 2", f.Links.Total)
	}
}

func TestLinks(t *testing.T) {
	for _, c := range []struct {
		name, html string
		want       facts.Link
	}{
		{"plain", `<a href="https://Example.com:443/a?b">our site</a>`, facts.Link{Scheme: "https", Host: "example.com"}},
		{"text of the same host", `<a href="https://example.com/a">https://www.example.com/</a>`, facts.Link{Scheme: "https", Host: "example.com", TextHost: "www.example.com"}},
		{"text of another host", `<a href="http://evil.example.net/">https://www.bank.example.com/</a>`, facts.Link{Scheme: "http", Host: "evil.example.net", TextHost: "www.bank.example.com", Mismatch: true}},
		{"bare name of another host", `<a href="http://evil.example.net/">bank.com</a>`, facts.Link{Scheme: "http", Host: "evil.example.net", TextHost: "bank.com", Mismatch: true}},
		{"a file is no host", `<a href="http://example.net/">readme.md</a>`, facts.Link{Scheme: "http", Host: "example.net"}},
		{"a product is no host", `<a href="http://example.net/">ASP.NET</a>`, facts.Link{Scheme: "http", Host: "example.net"}},
		{"an address is no host", `<a href="http://example.net/">a@example.com</a>`, facts.Link{Scheme: "http", Host: "example.net"}},
		{"a sentence is no host", `<a href="http://example.net/">see example.com now</a>`, facts.Link{Scheme: "http", Host: "example.net"}},
		{"decimal address", `<a href="http://3232235777/">x</a>`, facts.Link{Scheme: "http", Host: "192.168.1.1", IPHost: true}},
		{"hexadecimal address", `<a href="http://0xC0.0xa8.1.1/">x</a>`, facts.Link{Scheme: "http", Host: "192.168.1.1", IPHost: true}},
		{"octal address", `<a href="http://0300.0250.0x101/">x</a>`, facts.Link{Scheme: "http", Host: "192.168.1.1", IPHost: true}},
		{"IPv6", `<a href="http://[2001:DB8::1]:80/">x</a>`, facts.Link{Scheme: "http", Host: "2001:db8::1", IPHost: true}},
		{"name of digits", `<a href="http://1.example.com/">x</a>`, facts.Link{Scheme: "http", Host: "1.example.com"}},
		{"credentials", `<a href="https://www.bank.com@evil.example.net/">x</a>`, facts.Link{Scheme: "https", Host: "evil.example.net", Credentials: true}},
		{"backslashes", `<a href="https:\\evil.example.net\@bank.com">x</a>`, facts.Link{Scheme: "https", Host: "evil.example.net"}},
		{"without scheme", `<a href="//example.net/">x</a>`, facts.Link{Host: "example.net"}},
		{"relative", `<a href="index.html">x</a>`, facts.Link{}},
		{"mailto", `<a href="mailto:a@example.com">x</a>`, facts.Link{Scheme: "mailto"}},
		{"zero width", "<a href=\"http://exam\u200bple.com/\">x</a>", facts.Link{Scheme: "http", Host: "example.com", ZeroWidth: true}},
		{"escaped", `<a href="http://ex%61mple.com/">x</a>`, facts.Link{Scheme: "http", Host: "example.com"}},
		{"U-label", `<a href="http://bücher.example/">x</a>`, facts.Link{Scheme: "http", Host: "xn--bcher-kva.example"}},
		{"area", `<area href="https://example.com/">`, facts.Link{Scheme: "https", Host: "example.com"}},
	} {
		f := measure(t, htmlMail(c.html))
		if len(f.Links.Items) != 1 {
			t.Errorf("%s: %d links, want 1", c.name, len(f.Links.Items))
			continue
		}
		got := f.Links.Items[0]
		got.Target, got.Text, got.Path, got.Line = "", "", "", 0
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestLinksInText(t *testing.T) {
	f := measure(t, textMail("See <https://example.com/a>, (http://example.org/b_(c)) or www.example.net.\nNot xhttp://example.com nor awww.b.com: HTTPS://EXAMPLE.COM/D!"))
	var got []string
	for _, l := range f.Links.Items {
		got = append(got, l.Target)
	}
	want := []string{"https://example.com/a", "http://example.org/b_(c)", "http://www.example.net", "HTTPS://EXAMPLE.COM/D"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"example.com", "example.org", "www.example.net"}, f.Links.Hosts); d != "" {
		t.Errorf("hosts (-want +got):\n%s", d)
	}
}

// TestLinkCap shows that a bad link is kept even behind many good ones.
func TestLinkCap(t *testing.T) {
	var b strings.Builder
	for i := range 300 {
		b.WriteString("<a href=\"https://example.com/" + strings.Repeat("a", i%250) + "/" + strings.Repeat("b", i/250) + "\">x</a>")
	}
	b.WriteString(`<a href="http://127.0.0.1/">last</a>`)
	f := measure(t, htmlMail(b.String()))
	if f.Links.Total != 301 || len(f.Links.Items) != 200 {
		t.Fatalf("%d links, %d kept", f.Links.Total, len(f.Links.Items))
	}
	found := false
	for _, l := range f.Links.Items {
		found = found || l.IPHost
	}
	if !found {
		t.Error("the link to an address was dropped")
	}
}

func TestPlaceholders(t *testing.T) {
	for _, c := range []struct{ text, syntax string }{
		{"Dear {{first_name}},", "mustache"},
		{"Dear {{{ user.name }}},", "mustache"},
		{"{{#if paid}} thanks", "mustache"},
		{`Dear {{ contact.name | default: "friend" }},`, "mustache"},
		{"{{.To}}", "mustache"},
		{"{% if paid %}", "jinja"},
		{"[% user.email %]", "template_toolkit"},
		{"Dear <%= @user.name %>,", "erb"},
		{"Dear *|FNAME|*,", "mailchimp"},
		{"Dear %%First Name%%", ""},
		{"Dear %%FirstName%%", "percent_percent"},
		{"Dear %recipient.name%", "percent"},
		{"Dear %first_name%", "percent"},
		{"Dear ${firstName}", "dollar_brace"},
		{"Dear ${customer.name}", "dollar_brace"},
		{"Dear #{first_name}", "hash_brace"},
		{"Dear {first_name}", "brace"},
		{`[[data:firstname:""]]`, "double_bracket"},
		{"Dear [FIRST NAME],", "bracket"},
		{"[INSERT COMPANY HERE]", "bracket"},
		{"Dear __FIRST_NAME__", "underscores"},
		{"Dear ##FIRSTNAME##", "hashes"},
		{"Dear @@FirstName@@", "at_signs"},
		{"Dear $first_name$", "dollars"},
		{"Dear <FIRSTNAME>", "angle"},
		{"Dear -first_name-,", "hyphens"},
		{"Total: [object Object]", "half_rendered"},
		{"Dear undefined,", "half_rendered"},
		{"Hello null!", "half_rendered"},

		// Code and prose.
		{`printf("%s %d%%\n", s)`, ""},
		{"echo ${HOME} and $(pwd)", ""},
		{"${project.version} and ${user.home}", ""},
		{"int a[2][2] = {{1, 2}, {3, 4}};", ""},
		{"a set {x} and {0} and {name}", ""},
		{"100%% of 50%%", ""},
		{"def __init__(self): __name__", ""},
		{"see [1] and [name]", ""},
		{"it is well-known-fact -name- here", ""},
		{"*| not a tag |*", ""},
		{"@@ -1,3 +1,4 @@", ""},
		{"## Heading ##", ""},
		{"%PATH% and %USERNAME%", ""},
		{"$5 or $6$", ""},
		{"Hello none of you", ""},
		{"> Dear {{first_name}}, as quoted", ""},
	} {
		f := measure(t, textMail(c.text))
		got := ""
		for _, p := range f.Text.Placeholders {
			got += p.Syntax
		}
		if got != c.syntax {
			t.Errorf("%q: %q, want %q", c.text, got, c.syntax)
		}
	}
}

func TestPlaceholderPlaces(t *testing.T) {
	mail := "From: a@example.com\nTo: __BCC__ <b@example.org>\nSubject: =?utf-8?Q?Hi_=7B=7Bname=7D=7D?=\nMIME-Version: 1.0\nContent-Type: text/html\n\n" +
		"<p>Dear <b>*|FNAME|*</b>, <a href=\"https://example.com/?u={{ id }}\">go</a></p>\n"
	f := measure(t, mail)
	want := []facts.Placeholder{
		{Text: "{{name}}", Syntax: "mustache", Place: "header", Path: "0", Line: 3},
		{Text: "__BCC__", Syntax: "address", Place: "header", Path: "0", Line: 2},
		{Text: "*|FNAME|*", Syntax: "mailchimp", Place: "html", Path: "0", Line: 7},
		{Text: "{{ id }}", Syntax: "mustache", Place: "html", Path: "0", Line: 7},
	}
	if d := cmp.Diff(want, f.Text.Placeholders); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if f.Text.PlaceholderCount != 4 {
		t.Errorf("counted %d", f.Text.PlaceholderCount)
	}
}

func TestProse(t *testing.T) {
	for _, text := range []string{"To unsubscribe, write to us.", "You may opt-out here.", "Newsletter abbestellen", "Pour vous désabonner"} {
		if !measure(t, textMail(text)).Text.Unsubscribe {
			t.Errorf("%q offers no end", text)
		}
	}
	if !measure(t, htmlMail(`<a href="https://example.com/unsub?x">here</a>`)).Text.Unsubscribe {
		t.Error("a link's target offers no end")
	}
	if measure(t, textMail("See you on Monday.")).Text.Unsubscribe {
		t.Error("ordinary text offers an end")
	}
	f := measure(t, textMail("DEAR  FRIEND,\nthis is 100% guaranteed, with a money-back\nguarantee."))
	if d := cmp.Diff([]string{"dear_friend", "guaranteed_100", "money_back"}, f.Text.Phrases); d != "" {
		t.Errorf("phrases (-want +got):\n%s", d)
	}
	if f := measure(t, textMail("Dear friends of specialist cooking, brisk free entry")); len(f.Text.Phrases) > 0 {
		t.Errorf("phrases inside words: %v", f.Text.Phrases)
	}
}

func TestPostalAddress(t *testing.T) {
	for text, want := range map[string]bool{
		"Example Inc., 123 Main Street, Springfield, IL 62704": true,
		"Example Inc. PO Box 12, Springfield":                  true,
		"P.O. Box 99":                                          true,
		"Acme, 1 Infinite Loop\nAustin, Texas 78701-1234":      true,
		"10 Downing Street, London SW1A 2AA":                   true,
		"24 Sussex Drive, Ottawa ON K1M 1M4":                   true,
		"Beispiel GmbH, Musterstraße 12, 10115 Berlin":         true,
		"Exemple SA, 12 rue de la Paix, 75002 Paris":           true,
		"Voorbeeld BV, Kerkstraat 1, 1017 AB Amsterdam":        false, // "AB" is no name of a town; not known to the heuristic
		"We sold 12345 Widgets in May 2025 at 3 places":        false,
		"Linux 24500 IN the tree, commit 12345":                false,
		"meet me at 10 in the street":                          false,
		"In 2004 Mary had 10115 sheep":                         false,
	} {
		if got := measure(t, textMail(text)).Text.PostalAddress; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestAlternatives(t *testing.T) {
	words := "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor"
	other := "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty"
	alt := func(first, second string) string {
		return top + "Content-Type: multipart/alternative; boundary=b\n\n--b\n" + first + "\n--b\n" + second + "\n--b--\n"
	}
	plain := func(s string) string { return "Content-Type: text/plain\n\n" + s }
	html := func(s string) string { return "Content-Type: text/html\n\n<p>" + s + "</p>" }
	for _, c := range []struct {
		name, mail string
		differs    bool
		problems   string
	}{
		{"the same", alt(plain(words), html(words)), false, ""},
		{"another", alt(plain(words), html(other)), true, ""},
		{"few words", alt(plain("see the other"), html(other)), false, ""},
		{"wrong order", alt(html(words), plain(words)), false, "rfc.mime_alt_order"},
		{"HTML alone", htmlMail("<p>" + words + "</p>"), false, "rfc.mime_alt_missingtext"},
		{"text alone", textMail(words), false, ""},
		{"HTML in a related", alt(plain(words), "Content-Type: multipart/related; boundary=c\n\n--c\n"+html(words)+"\n--c--"), false, ""},
	} {
		f := measure(t, c.mail)
		if f.Text.AlternativeDiffers != c.differs {
			t.Errorf("%s: differs %v, want %v", c.name, f.Text.AlternativeDiffers, c.differs)
		}
		if got := ids(f, "rfc.mime_alt"); got != c.problems {
			t.Errorf("%s: problems %q, want %q", c.name, got, c.problems)
		}
	}
}

func TestRelated(t *testing.T) {
	mail := func(html string, images ...string) string {
		s := top + "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n" + html + "\n"
		for _, i := range images {
			s += "--b\nContent-Type: image/png\nContent-ID: " + i + "\n\nx\n"
		}
		return s + "--b--\n"
	}
	for _, c := range []struct{ name, mail, want string }{
		{"used", mail(`<img src="cid:a@example.com">`, "<a@example.com>"), ""},
		{"used by a style", mail(`<td style="background:url('cid:a@example.com')">`, "<a@example.com>"), ""},
		{"escaped", mail(`<img src="cid:a%2Bb@example.com">`, "<a+b@example.com>"), ""},
		{"missing", mail(`<img src="cid:b@example.com"><img src="cid:a@example.com">`, "<a@example.com>"), "rfc.mime_related_unresolved"},
		{"unused", mail(`<p>none</p>`, "<a@example.com>"), "rfc.mime_related_unused"},
		{"no message id", mail(`<img src="cid:logo">`, "<logo>"), "rfc.mime_related_syntax"},
		{"twice", mail(`<img src="cid:a@example.com">`, "<a@example.com>", "<a@example.com>"), "rfc.mime_related_duplicate"},
	} {
		got := ids(measure(t, c.mail), "rfc.mime_related")
		if c.name == "twice" {
			got = strings.ReplaceAll(got, " rfc.mime_related_unused", "")
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDispositions(t *testing.T) {
	part := func(fields string) string {
		return top + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\n" + fields + "\n\nx\n--b--\n"
	}
	for fields, want := range map[string]string{
		"Content-Type: application/pdf":                                              "rfc.disposition",
		"Content-Type: application/pdf\nContent-Disposition: attachment":             "",
		"Content-Type: application/pdf\nContent-Disposition: inline; filename=a.pdf": "",
		"Content-Type: image/png":                                                    "",
		"Content-Type: application/pgp-signature":                                    "",
		"Content-Type: message/rfc822":                                               "",
	} {
		if got := ids(measure(t, part(fields)), "rfc.disposition"); got != want {
			t.Errorf("%q: %q, want %q", fields, got, want)
		}
	}
}

func TestFilesInText(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"uuencode", "hi\n\nbegin 644 a.txt\n#0V%T\n`\nend", "mime.ambiguous_uuencode"},
		{"prose", "let us\nbegin 644 years ago\nit was", ""},
		{"no data", "begin 644 a.txt\nand then some ordinary line of text follows", ""},
		{"yEnc", "=ybegin line=128 size=123 name=a.bin\nxyz\n=yend size=123", "mime.ambiguous_yenc"},
		{"word", "=ybegin is a line of yEnc", ""},
		{"behind what is read", strings.Repeat("word word word\n", 30_000) + "begin 644 a.txt\n#0V%T\n`\nend", "mime.ambiguous_uuencode"},
	} {
		if got := ids(measure(t, textMail(c.body)), "mime.ambiguous"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTextWithNameIsStillRead(t *testing.T) {
	f := measure(t, top+"Content-Type: text/html; name=body.html\n\n<p>Dear {{name}}</p>\n")
	if f.Text.HTMLParts != 1 || f.Text.PlaceholderCount != 1 || len(f.Attachments) != 1 {
		t.Errorf("%d HTML parts, %d placeholders, %d attachments", f.Text.HTMLParts, f.Text.PlaceholderCount, len(f.Attachments))
	}
	f = measure(t, top+"Content-Type: text/html\nContent-Disposition: attachment\n\n<p>Dear {{name}}</p>\n")
	if f.Text.HTMLParts != 0 || f.Text.PlaceholderCount != 0 {
		t.Errorf("an attachment was read as text")
	}
}

// FuzzContent scans and measures any octets; the bounds that the Rego input promises must hold.
func FuzzContent(f *testing.F) {
	f.Add([]byte(textMail("Dear {{name}}, see www.example.com")))
	f.Add([]byte(htmlMail("<style>@media (hover){a:hover>b{x:calc(1px)}}</style><p style='--x:url(a'>Hello ,</p><td>NaN\r\n{{ x @ y.z TODO")))
	f.Add([]byte(htmlMail(`<body bgcolor=white><div style="display:none">x</div><a href="http://0x7f.1/">bank.com</a><img src="cid:a@b"><font color=#fff>y`)))
	f.Add([]byte(top + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename*0*=utf-8''a%; filename*1=\"=?utf-8?Q?=C3?=\"\nContent-Transfer-Encoding: base64\n\nUEsDBAoAAQAAAA==\n--b\nContent-Transfer-Encoding: quoted-printable\n\n=C3=9F=\n=\n--b--\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := mimesize.Scan(bytes.NewReader(b))
		if err != nil {
			t.Skip()
		}
		m := facts.Make(bytes.NewReader(b), int64(len(b)), r, nil, facts.Options{Origin: facts.OriginTemplate})
		if len(m.HTML.Features) > 400 || len(m.Links.Resources) > 100 {
			t.Errorf("%d features, %d resources", len(m.HTML.Features), len(m.Links.Resources))
		}
		l := &m.Leftovers
		for _, s := range []facts.Spots{l.Greetings, l.Literals, l.Filler, l.Todo, l.Unbalanced, l.Addresses, l.Stub, m.Links.Empty, m.Links.Insecure, m.HTML.DataURIs} {
			if len(s.Sample) > 20 || s.Count < len(s.Sample) || s.Sample == nil {
				t.Errorf("sample of %d, count %d", len(s.Sample), s.Count)
			}
			for _, p := range s.Sample {
				if n := len([]rune(p.Text)); n > 80 || p.Line < 1 || p.Line > r.Lines.Count+1 {
					t.Errorf("spot %q on line %d of %d", p.Text, p.Line, r.Lines.Count)
				}
			}
		}
		if len(m.Parts) != len(r.Parts) {
			t.Errorf("%d parts, scanned %d", len(m.Parts), len(r.Parts))
		}
		if len(m.Text.Placeholders) > 50 || len(m.Links.Items) > 200 || len(m.Links.Hosts) > 200 {
			t.Errorf("%d placeholders, %d links, %d hosts", len(m.Text.Placeholders), len(m.Links.Items), len(m.Links.Hosts))
		}
		for _, p := range m.Text.Placeholders {
			if n := len([]rune(p.Text)); n == 0 || n > 60 {
				t.Errorf("placeholder of %d characters", n)
			}
		}
		for _, l := range m.Links.Items {
			if len(l.Target) > 2000 || len([]rune(l.Text)) > 200 {
				t.Errorf("link of %d octets, text of %d characters", len(l.Target), len([]rune(l.Text)))
			}
		}
		var sum int64
		for _, a := range m.Attachments {
			sum += a.EncodedBytes
			if a.EncodedBytes > m.Size.LargestAttachment {
				t.Errorf("attachment of %d octets, largest %d", a.EncodedBytes, m.Size.LargestAttachment)
			}
		}
		if sum != m.Size.AttachmentsBytes {
			t.Errorf("attachments are %d octets, sum %d", m.Size.AttachmentsBytes, sum)
		}
	})
}

// The line ends that blocks make in what people see are none of the file.
func TestSpotLinesAfterBlocks(t *testing.T) {
	f := measure(t, htmlMail("<p>one</p><p>two</p><p>three</p><p>NaN</p>\n<p>four<br>five<br>lorem\nipsum dolor</p><p>six</p>\n<td>undefined"))
	want := map[string]int64{"NaN": 0, "undefined": 3}
	var first int64
	seen := 0
	for _, s := range f.Leftovers.Literals.Sample {
		if s.Text == "NaN" {
			first = s.Line
		}
		if _, ok := want[s.Text]; ok {
			seen++
		}
	}
	if seen != len(want) {
		t.Fatalf("found %v", f.Leftovers.Literals.Sample)
	}
	for _, s := range f.Leftovers.Literals.Sample {
		if s.Line-first != want[s.Text] {
			t.Errorf("%q is on line %d, %d lines behind NaN, want %d", s.Text, s.Line, s.Line-first, want[s.Text])
		}
	}
}
