package template

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func names(units []Unit) []string {
	var list []string
	for _, u := range units {
		list = append(list, u.Name)
	}
	return list
}

func TestUnits(t *testing.T) {
	dir := repository(t, map[string]string{
		"emails/a.html": "<p>{{name}}</p>", "emails/a.txt": "{{name}}", "emails/deep/b.html": "<p></p>", "emails/_old/c.html": "<p></p>",
		"emails/base.html": "{{{content}}}", "emails/a.sample.json": "{}", "emails/meta.json": "{}", ".git/x.html": "no",
		"data/one.json": "{}", "data/two.yaml": "x: 1", "data/deep/one.json": "{}",
	})
	for _, c := range []struct {
		what string
		spec Spec
		want []string
	}{
		{"no data", Spec{Files: []string{"**/*.html"}}, []string{"emails/_old/c.html", "emails/a.html", "emails/base.html", "emails/deep/b.html"}},
		{"exclude", Spec{Files: []string{"emails/**"}, Exclude: []string{"**/_*/**", "**/*.json", "**/*.txt"}, Layout: "emails/base.html"},
			[]string{"emails/a.html", "emails/deep/b.html"}},
		{"sibling", Spec{Files: []string{"emails/*"}, Exclude: []string{"**/*.json"}, Text: "{dir}/{name}.txt"}, []string{"emails/a.html", "emails/base.html"}},
		{"data beside", Spec{Files: []string{"emails/a.html"}, Data: []string{"{name}.*.json"}}, []string{"emails/a.html [a.sample]"}},
		{"data", Spec{Files: []string{"emails/a.html"}, Data: []string{"data/*"}}, []string{"emails/a.html [one]", "emails/a.html [two]"}},
		{"same names", Spec{Files: []string{"emails/a.html"}, Data: []string{"data/**"}},
			[]string{"emails/a.html [data/deep/one.json]", "emails/a.html [data/one.json]", "emails/a.html [two]"}},
		{"data is no template", Spec{Files: []string{"emails/a.*"}, Data: []string{"emails/*.sample.json"}}, []string{"emails/a.html [a.sample]", "emails/a.txt [a.sample]"}},
	} {
		units, errs := Units(dir, []Spec{c.spec})
		if len(errs) > 0 || !slices.Equal(names(units), c.want) {
			t.Errorf("%s: %q, %v", c.what, names(units), errs)
		}
	}
	units, errs := Units(dir, []Spec{{Files: []string{"emails/a.html"}}, {Files: []string{"emails/a.html"}}})
	if len(errs) > 0 || !slices.Equal(names(units), []string{"emails/a.html", "emails/a.html (templates[1])"}) {
		t.Errorf("two entries: %q, %v", names(units), errs)
	}
}

func TestSpecErrors(t *testing.T) {
	dir := repository(t, map[string]string{"a.html": "", "d.json": "{}"})
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{}, "files is empty"},
		{Spec{Files: []string{"*.txt"}}, "no file matches"},
		{Spec{Files: []string{"[a"}}, "no glob"},
		{Spec{Files: []string{"../*.html"}}, "leads out of the root"},
		{Spec{Files: []string{"/etc/*"}}, "leads out of the root"},
		{Spec{Files: []string{"*.html"}, Includes: []string{"../x"}}, "leads out of the root"},
		{Spec{Files: []string{"*.html"}, Exclude: []string{"*.html"}}, "leaves none"},
		{Spec{Files: []string{"*.html"}, Engine: "erb"}, "engine \"erb\" is none of"},
		{Spec{Files: []string{"*.html"}, Kind: "mail"}, "kind"},
		{Spec{Files: []string{"*.html"}, Data: []string{"x/*.json"}}, "data: no file matches"},
		{Spec{Files: []string{"*.html"}, Headers: map[string]string{"a b": ""}}, "no name of a header field"},
		{Spec{Files: []string{"*.html"}, Headers: map[string]string{"content-type": ""}}, "made from the parts"},
		{Spec{Files: []string{"*.html"}, HTML: "x", Text: "y"}, "both set"},
	} {
		_, errs := Units(dir, []Spec{{Files: []string{"a.html"}}, c.spec})
		var se *SpecError
		if len(errs) != 1 || !errors.As(errs[0], &se) || se.Index != 1 || !strings.Contains(errs[0].Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.spec, errs, c.want)
		}
	}
	if _, errs := Units(dir+"/gone", []Spec{{Files: []string{"*"}}}); len(errs) != 1 {
		t.Errorf("no root: %v", errs)
	}
}

// TestDataErrors: what is wrong with sample data, front matter and meta.json is a DataError with its line.
func TestDataErrors(t *testing.T) {
	for _, c := range []struct {
		what  string
		files map[string]string
		file  string
		line  int64
	}{
		{"json", map[string]string{"d.json": "{\n  \"a\": 1,\n  \"b\": x\n}\n"}, "d.json", 3},
		{"json cut off", map[string]string{"d.json": "{\n  \"a\": 1,\n"}, "d.json", 2},
		{"json twice", map[string]string{"d.json": "{}\n{}\n"}, "d.json", 2},
		{"json list", map[string]string{"d.json": "[1]"}, "d.json", 1},
		{"yaml", map[string]string{"d.yaml": "a: 1\nb: c: d\n"}, "d.yaml", 2},
		{"yaml list", map[string]string{"d.yaml": "# x\n- 1\n"}, "d.yaml", 2},
		{"yaml twice", map[string]string{"d.yaml": "a: 1\n---\nb: 2\n"}, "d.yaml", 2},
		{"front matter", map[string]string{"t.html": "---\nsubject: x\nto: {a: b}\n---\n<p></p>"}, "t.html", 3},
		{"front matter yaml", map[string]string{"t.html": "---\nsubject: [x\n---\n<p></p>"}, "t.html", 2},
		{"front matter engine", map[string]string{"t.html": "---\nengine: erb\n---\n<p></p>"}, "t.html", 2},
		{"front matter field", map[string]string{"t.html": "---\nheaders:\n  a b: c\n---\n<p></p>"}, "t.html", 3},
		{"meta", map[string]string{"meta.json": "{\n\"Subject\": 'x'}"}, "meta.json", 2},
	} {
		if c.files["t.html"] == "" {
			c.files["t.html"] = "<p></p>"
		}
		s := Spec{Files: []string{"t.html"}}
		if c.files["d.json"]+c.files["d.yaml"] != "" {
			s.Data = []string{"d.*"}
		}
		_, err := one(t, repository(t, c.files), s)
		var de *DataError
		if !errors.As(err, &de) || de.File != c.file || de.Line != c.line {
			t.Errorf("%s: %v, want %s:%d", c.what, err, c.file, c.line)
		}
	}
}

func TestDecodeData(t *testing.T) {
	// Aliases that name a billion values.
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for _, l := range "bcdefghi" {
		bomb += string(l) + ": &" + string(l) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(l-1)+",", 10), ",") + "]\n"
	}
	var de *DataError
	if _, err := decodeData("x.yaml", []byte(bomb)); !errors.As(err, &de) {
		t.Errorf("bomb: %v", err)
	}
	m, err := decodeData("x.yaml", []byte("base: &b {x: 1, y: 2}\nd: 2024-01-02\nn: ~\nz: {<<: *b, y: 3}\n5: five\nbig: 12345678901234567890\nf: 1.0\n"))
	if err != nil {
		t.Fatal(err)
	}
	z := m["z"].(map[string]any)
	if m["d"] != "2024-01-02" || m["n"] != nil || z["x"] != 1 || z["y"] != 3 || m["5"] != "five" || m["f"] != 1 {
		t.Errorf("%v", m)
	}
}

func TestPrecedence(t *testing.T) {
	files := map[string]string{
		"t/t.html":    "---\nsubject: from front matter\nreply-to: [a@example.com, b@example.com]\n---\n<p></p>",
		"t/meta.json": `{"Subject": "from meta", "From": "meta@example.com"}`,
	}
	s := Spec{Files: []string{"t/t.html"}, Subject: "from spec", From: "spec@example.com", To: "to@example.com"}
	r, err := one(t, repository(t, files), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\r\nSubject: from front matter\r\n", "\r\nFrom: meta@example.com\r\n", "\r\nTo: to@example.com\r\n", "\r\nReply-To: a@example.com, b@example.com\r\n"} {
		if !strings.Contains(string(r.Message), want) {
			t.Errorf("no %q in %s", want, r.Message)
		}
	}
	if file, n, exact := sourceOf(t, r, "From:"); file != "t/meta.json" || n != 1 || !exact {
		t.Errorf("From: %s:%d %v", file, n, exact)
	}
	if file, _, exact := sourceOf(t, r, "To: to@"); file != "t/t.html" || exact {
		t.Errorf("To: %s %v", file, exact)
	}
}

// TestLayout: content stands in its layout in every engine, and lines of both are known.
func TestLayout(t *testing.T) {
	for _, c := range []struct{ engine, text, layout string }{
		{engineGoHTML, "<p>Hello {{.name}}</p>\n", "<html>\n{{template \"content\" .}}</html>\n"},
		{engineGoText, "<p>Hello {{.name}}</p>\n", "<html>\n{{template \"content\" .}}</html>\n"},
		{engineLiquid, "<p>Hello {{ name }}</p>\n", "<html>\n{{ content }}</html>\n"},
		{engineHandlebars, "<p>Hello {{name}}</p>\n", "<html>\n{{{ @content }}}</html>\n"},
		{engineMustache, "<p>Hello {{name}}</p>\n", "<html>\n{{{content}}}</html>\n"},
		{engineJinja, "<p>Hello {{ name }}</p>\n", "<html>\n{{ content }}</html>\n"},
	} {
		dir := repository(t, map[string]string{"mail/t.html": c.text, "layouts/base.html": c.layout, "data.json": sample})
		for _, layout := range []string{"base.html", "layouts/base.html"} {
			r, err := one(t, dir, Spec{Files: []string{"mail/t.html"}, Engine: c.engine, Data: []string{"data.json"}, Layout: layout, Includes: []string{"layouts"}})
			if err != nil {
				t.Errorf("%s: %v", c.engine, err)
				continue
			}
			if !strings.Contains(string(r.Message), "<html>\r\n<p>Hello Ada</p>\r\n</html>\r\n") {
				t.Errorf("%s: %s", c.engine, r.Message)
				continue
			}
			if file, n, exact := sourceOf(t, r, "Hello"); file != "mail/t.html" || n != 1 || !exact {
				t.Errorf("%s: content is %s:%d %v", c.engine, file, n, exact)
			}
			if file, n, exact := sourceOf(t, r, "<html>"); file != "layouts/base.html" || n != 1 || !exact {
				t.Errorf("%s: layout is %s:%d %v", c.engine, file, n, exact)
			}
		}
		_, err := one(t, dir, Spec{Files: []string{"mail/t.html"}, Engine: c.engine, Layout: "gone.html"})
		if err == nil || !strings.Contains(err.Error(), "layout \"gone.html\" is not there") {
			t.Errorf("%s: %v", c.engine, err)
		}
	}
}

func TestWholeMessageIsKept(t *testing.T) {
	text := "Subject: x\nFrom: a@example.com\n\nbare LF, no Date,\r\nmixed ends\n"
	r, err := one(t, repository(t, map[string]string{"t.eml": text}), Spec{Files: []string{"t.eml"}})
	if err != nil || !strings.HasSuffix(string(r.Message), text) || r.Kind != "message" || r.Engine != engineNone {
		t.Errorf("%v, %+v", err, r)
	}
}

// TestAddedFields: a whole message gets the fields that the sending program adds, and keeps those that it has, right or wrong.
func TestAddedFields(t *testing.T) {
	const date, id = "Date: Mon, 15 Jan 2024 12:00:00 \\+0000", `Message-ID: <[0-9a-f]{32}@example\.com>`
	for _, c := range []struct{ name, text, want string }{
		{"neither", "From: A <a@example.com>\n\nDate: x\nMessage-ID: y\n", "^" + date + "\n" + id + "\nFrom"},
		{"line ends", "From: A <a@example.com>\r\n\r\nDate: x\r\n", "^" + date + "\r\n" + id + "\r\nFrom"},
		{"a wrong date", "date : yesterday\nFrom: A <a@example.com>\n\n", "^" + id + "\ndate : yesterday"},
		{"a Message-ID", "From: a@example.com\nMESSAGE-ID: x\n\n", "^" + date + "\nFrom"},
		{"both", "Message-Id: <a@b>\nDate: now\nFrom: a@example.com\n\n", "^Message-Id: <a@b>\nDate: now\nFrom"},
		{"no body", "Subject: x\nFrom: a@example.com\n", "^" + date + "\n" + id + "\nSubject"},
	} {
		r, err := one(t, repository(t, map[string]string{"t.eml": c.text}), Spec{Files: []string{"t.eml"}})
		if err != nil || !regexp.MustCompile(c.want).Match(r.Message) || !strings.HasSuffix(string(r.Message), c.text) {
			t.Errorf("%s: %v\n%s", c.name, err, r.Message)
			continue
		}
		n := int64(strings.Count(string(r.Message), "\n") - strings.Count(c.text, "\n"))
		for line := int64(1); line <= int64(strings.Count(c.text, "\n")); line++ {
			if file, got, exact := r.Source("0", line+n); file != "t.eml" || got != line || !exact {
				t.Errorf("%s: line %d is %s:%d %v", c.name, line+n, file, got, exact)
			}
		}
	}
	// What is no header is left alone.
	r, err := one(t, repository(t, map[string]string{"t.eml": "Hello\n\nFrom: a@example.com\n"}), Spec{Files: []string{"t.eml"}, Kind: "message"})
	if err != nil || string(r.Message) != "Hello\n\nFrom: a@example.com\n" {
		t.Errorf("%v\n%s", err, r.Message)
	}
}

// TestConfigurationLines: header fields of the configuration point to the line that states them, and so do their faults.
func TestConfigurationLines(t *testing.T) {
	dir := repository(t, map[string]string{"mail/t.html": "<p>x</p>", "mail/name.html": "Ada"})
	spec := Spec{
		Files: []string{"mail/t.html"}, Engine: "liquid", Subject: "Hello {% include 'name.html' %}", From: "shop@example.com", ReplyTo: "x@example.com",
		Headers: map[string]string{"X-Shop": "a"}, File: "postern.yaml", Lines: map[string]int{"subject": 3, "from": 4, "reply_to": 5, "X-Shop": 7},
	}
	r, err := one(t, dir, spec)
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]int64{"Subject: Hello Ada": 3, "From: ": 4, "Reply-To: ": 5, "X-Shop: ": 7} {
		if file, n, exact := sourceOf(t, r, field); file != "postern.yaml" || n != want || !exact {
			t.Errorf("%s: %s:%d %v", field, file, n, exact)
		}
	}
	spec.Subject = "Hello\n{{ nobody }}"
	_, err = one(t, dir, spec)
	var bad *EngineError
	if !errors.As(err, &bad) || bad.File != "postern.yaml" || bad.Line != 4 {
		t.Errorf("%v", err)
	}
}

// TestHeaderInjection: a line end in data begins no header field.
func TestHeaderInjection(t *testing.T) {
	dir := repository(t, map[string]string{"t.html": "<p>{{x}}</p>", "d.json": `{"x": "a\r\nBcc: evil@example.com\n\nbody"}`})
	r, err := one(t, dir, Spec{Files: []string{"t.html"}, Data: []string{"d.json"}, Subject: "{{x}}", From: "{{x}}"})
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(r.Message), "\r\n\r\n")
	if strings.Contains(head, "\nBcc:") {
		t.Errorf("%s", r.Message)
	}
}

func TestAbsent(t *testing.T) {
	r, err := one(t, repository(t, map[string]string{"t.html": "<p></p>"}), Spec{Files: []string{"t.html"}, Subject: "x"})
	if err != nil || !slices.Equal(r.Absent, []string{"From", "To"}) {
		t.Errorf("%v, %v", err, r)
	}
}

func TestMissingPart(t *testing.T) {
	dir := repository(t, map[string]string{"t.html": "<p></p>"})
	for _, s := range []Spec{{Text: "{dir}/t.txt"}, {Attachments: []string{"a.pdf"}}, {Inline: []string{"../../etc/passwd"}}} {
		s.Files = []string{"t.html"}
		_, err := one(t, dir, s)
		var ee *EngineError
		if !errors.As(err, &ee) || ee.File != "t.html" {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	units, _ := Units(repository(t, map[string]string{"t.html": "<p>{{x}}</p>", "d.json": `{"x": 1}`}), []Spec{{Files: []string{"t.html"}, Data: []string{"d.json"}}})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := units[0].Render(ctx); err == nil {
		t.Error("rendered")
	}
}
