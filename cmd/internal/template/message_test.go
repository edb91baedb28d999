package template

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"postern/mimesize"
)

var welcome = Spec{
	Files: []string{"parts/welcome/content.html"}, Data: []string{"data/*"}, Text: "{dir}/content.txt",
	Subject: "from the configuration", ReplyTo: "help@example.com", Headers: map[string]string{"X-Shop": "{{shop.name}}"},
	Inline: []string{"logo.png"}, Attachments: []string{"{dir}/terms.csv"},
}

// scanned wants a message that is free of problems.
func scanned(t *testing.T, b []byte) *mimesize.Result {
	t.Helper()
	res, err := mimesize.Scan(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		t.Errorf("problem %s at line %d (%d times): %q", p.ID, p.Line, p.Count, p.Detail)
	}
	if bytes.Count(b, []byte("\n")) != bytes.Count(b, []byte("\r\n")) || bytes.Count(b, []byte("\r")) != bytes.Count(b, []byte("\r\n")) {
		t.Error("line ends other than CRLF")
	}
	return res
}

// leaf is a part read back.
type leaf struct {
	path, media, text string
	header            map[string][]string
}

// leaves reads a message back.
func leaves(t *testing.T, header map[string][]string, r io.Reader, path string) []leaf {
	t.Helper()
	get := func(name string) string {
		if v := header[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	media, params, err := mime.ParseMediaType(get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(media, "multipart/") {
		var all []leaf
		mr := multipart.NewReader(r, params["boundary"])
		for i := 1; ; i++ {
			p, err := mr.NextRawPart()
			if err == io.EOF {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			sub := string(rune('0' + i))
			if path != "0" {
				sub = path + "." + sub
			}
			all = append(all, leaves(t, p.Header, p, sub)...)
		}
	}
	switch get("Content-Transfer-Encoding") {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return []leaf{{path, media, string(b), header}}
}

func TestMessage(t *testing.T) {
	units, errs := Units("testdata/templates", []Spec{welcome})
	if len(errs) > 0 || len(units) != 2 {
		t.Fatalf("%d units, %v", len(units), errs)
	}
	if units[0].Name != "parts/welcome/content.html [order]" || units[1].Name != "parts/welcome/content.html [worst-case]" {
		t.Errorf("names %q, %q", units[0].Name, units[1].Name)
	}
	r, err := units[0].Render(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	scanned(t, r.Message)
	m, err := mail.ReadMessage(bytes.NewReader(r.Message))
	if err != nil {
		t.Fatal(err)
	}
	var dec mime.WordDecoder
	subject, err := dec.DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Willkommen, Ada <b> – Example & Co" {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 || *from[0] != (mail.Address{Name: "Käthe", Address: "kaethe@example.com"}) {
		t.Errorf("from %v, %v", from, err)
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 2 {
		t.Errorf("to %v, %v", to, err)
	}
	for name, want := range map[string]string{
		"Reply-To": "help@example.com", "X-Campaign": "welcome", "X-Shop": "Example & Co",
		"List-Unsubscribe": "<https://shop.example.com/unsubscribe>", "Date": "Mon, 15 Jan 2024 12:00:00 +0000", "Mime-Version": "1.0",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, "@example.com>") {
		t.Errorf("message id %q", id)
	}
	got := leaves(t, m.Header, m.Body, "0")
	want := []struct{ path, media, holds string }{
		{"1.1", "text/plain", "Gruess Gott, Ada <b>!\r\n\r\nFrom Example & Co & friends\r\n.\r\nFrom the shop"},
		{"1.2.1", "text/html", "<p>Grüß Gott, Ada &lt;b&gt;! This line is made long enough"},
		{"1.2.2", "image/png", "\x89PNG\r\n\x1a\n0123456789"},
		{"2", "text/csv", "a,b\n"},
	}
	if len(got) != len(want) {
		t.Fatalf("parts %+v", got)
	}
	for i, w := range want {
		if g := got[i]; g.path != w.path || g.media != w.media || !strings.Contains(g.text, w.holds) {
			t.Errorf("part %d: %+v", i, g)
		}
	}
	if cid := got[2].header["Content-Id"]; len(cid) != 1 || cid[0] != "<logo.png>" {
		t.Errorf("content id %q", cid)
	}
	if d := got[3].header["Content-Disposition"]; len(d) != 1 || d[0] != "attachment; filename=terms.csv" {
		t.Errorf("disposition %q", d)
	}
	files := map[string]string{}
	for _, p := range r.Parts {
		files[p.Path] = p.File
	}
	for path, file := range map[string]string{"1.1": "parts/welcome/content.txt", "1.2.1": "parts/welcome/content.html", "1.2.2": "parts/welcome/logo.png", "2": "parts/welcome/terms.csv"} {
		if files[path] != file {
			t.Errorf("part %s comes from %q, want %q", path, files[path], file)
		}
	}
	if len(r.Absent) != 0 {
		t.Errorf("absent %v", r.Absent)
	}
	again, err := units[0].Render(context.Background())
	if err != nil || !bytes.Equal(again.Message, r.Message) {
		t.Errorf("not the same message again: %v", err)
	}
}

// sourceOf finds the line of a message that holds text, and asks where it comes from.
func sourceOf(t *testing.T, r *Rendered, text string) (string, int64, bool) {
	t.Helper()
	for i, l := range bytes.Split(r.Message, []byte("\n")) {
		if bytes.Contains(l, []byte(text)) {
			return r.Source("", int64(i+1))
		}
	}
	t.Fatalf("no line holds %q", text)
	return "", 0, false
}

// TestSource: lines of the message lead to the lines of the files, through front matter and transfer encoding.
func TestSource(t *testing.T) {
	units, _ := Units("testdata/templates", []Spec{welcome})
	r, err := units[0].Render(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, file string
		line       int64
		exact      bool
	}{
		{"Subject:", "parts/welcome/content.html", 2, true},
		{"X-Campaign:", "parts/welcome/content.html", 8, true},
		{"lang=3D\"de\"", "parts/welcome/content.html", 12, true},
		{"Gr=C3=BC=C3=9F", "parts/welcome/content.html", 15, true},
		{"whether lines", "parts/welcome/content.html", 15, true}, // behind a soft line break
		{"cid:logo.png", "parts/welcome/content.html", 16, true},
		{"& friends", "parts/welcome/content.txt", 3, true},
		{"iVBORw0KGgow", "parts/welcome/logo.png", 0, false},
	} {
		file, line, exact := sourceOf(t, r, c.text)
		if file != c.file || exact != c.exact || exact && line != c.line {
			t.Errorf("%q: %s:%d %v, want %s:%d %v", c.text, file, line, exact, c.file, c.line, c.exact)
		}
	}
	if file, line, exact := r.TextSource("1.2.1", 4); file != "parts/welcome/content.html" || line != 15 || !exact {
		t.Errorf("line 4 of the HTML: %s:%d %v", file, line, exact)
	}
	if file, line, exact := r.Source("1.1", 0); file != "parts/welcome/content.txt" || line != 0 || exact {
		t.Errorf("no line: %s:%d %v", file, line, exact)
	}
	if file, _, exact := r.Source("9", 1<<40); file != "parts/welcome/content.html" || exact {
		t.Errorf("no such part: %s %v", file, exact)
	}
}

// TestSourceEngines: every literal line of each good template is known, those of included files too, and no line is claimed
// that is not.
func TestSourceEngines(t *testing.T) {
	rendered := 0
	for _, file := range []string{"go-text/good.eml.tmpl", "go-html/good.html.tmpl", "liquid/good.html", "handlebars/good.html", "mustache/good.html", "jinja2/good.html"} {
		units, errs := Units("testdata/templates", []Spec{{Files: []string{file}, Data: []string{"data/*"}, From: "a@example.com", To: "b@example.com", Subject: "Hello"}})
		if len(errs) > 0 || len(units) != 2 {
			t.Fatalf("%d units, %v", len(units), errs)
		}
		for _, u := range units {
			r, err := u.Render(context.Background())
			if err != nil {
				t.Errorf("%s: %v", u.Name, err)
				continue
			}
			if want := strings.Split(file, "/")[0]; r.Engine != want {
				t.Errorf("%s: engine %s", u.Name, r.Engine)
			}
			if r.Kind == "html" {
				scanned(t, r.Message)
			}
			rendered++
			known := 0
			body := false
			for i, l := range strings.Split(string(r.Message), "\n") {
				l = strings.TrimSpace(l)
				body = body || l == "" || r.Kind == "message"
				src, n, exact := r.Source("0", int64(i+1))
				added := r.Kind == "message" && (strings.HasPrefix(l, "Date: ") || strings.HasPrefix(l, "Message-ID: "))
				if !exact || l == "" || !body || added {
					continue
				}
				known++
				text := line(t, "testdata/templates/"+src, n)
				if !sameButTags(text, l) {
					t.Errorf("%s: %q is not %s:%d %q", u.Name, l, src, n, text)
				}
			}
			if known < 7 {
				t.Errorf("%s: only %d lines are known", u.Name, known)
			}
		}
	}
	if rendered != 12 {
		t.Errorf("%d messages", rendered)
	}
}
