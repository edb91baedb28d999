package template

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"postern/mimesize"
)

func TestRecognise(t *testing.T) {
	for _, c := range []struct {
		what, name, text string
		syntax, kind     string // syntax "" if it is no template
		fields           []string
		body             bool
	}{
		{"header and body", "a.eml", "From: {{from}}\nTo: x@example.com\nSubject: Hi\n\nDear {{name}}\n", "handlebars", "message", []string{"From"}, true},
		{"body only", "a.eml", "From: x@example.com\nTo: y@example.com\nSubject: Hi\n\nDear {{name}},\n", "handlebars", "message", nil, true},
		{"crlf", "a.eml", "From: x@example.com\r\nTo: {{to}}\r\nSubject: Hi\r\n\r\nbody\r\n", "handlebars", "message", []string{"To"}, false},
		{"delivered", "a.eml", "Received: from x\nFrom: x@example.com\nSubject: {{subject}}\n\nDear {{name}},\n", "", "", nil, false},
		{"finished", "a.eml", "From: x@example.com\nDate: Mon, 15 Jan 2024 12:00:00 +0000\nMessage-ID: <a@b>\nSubject: Hi\n\nDear {{name}},\n", "", "", nil, false},
		{"date is a placeholder", "a.eml", "From: x@example.com\nDate: {{date}}\nMessage-ID: <a@b>\nSubject: Hi\n\n", "handlebars", "message", []string{"Date"}, false},
		{"mbox", "a.eml", "From x Mon\nFrom: x@example.com\nSubject: {{s}}\n\n", "", "", nil, false},
		{"quoted code", "a.eml", "From: x@example.com\nTo: y@example.com\nSubject: Hi\n\n> write {{name}} there\n", "", "", nil, false},
		{"code in HTML", "a.html", "<html><script>var a = {{b: 1}}; x = `${y}`</script><pre>{{name}}</pre><code>{% if %}</code>", "", "", nil, false},
		{"static", "a.html", "<html><p>Hello</p></html>", "", "", nil, false},
		{"css", "a.html", "<html><style>@media{a{b:c}}</style><p style=\"x\">{}</p>", "", "", nil, false},
		{"html", "a.html", "<html><p>Hello {{ name }}</p></html>", "handlebars", "html", nil, true},
		{"go", "a.html", "<html><p>Hello {{.Name}}</p>{{end}}</html>", "go-html", "html", nil, true},
		{"liquid", "a.html", "<p>{% assign x = 1 %}{{ x | plus: 1 }}</p>", "liquid", "html", nil, true},
		{"jinja", "a.html", "<p>{% block x %}{% endblock %}</p>", "jinja2", "html", nil, true},
		{"either", "a.html", "<p>{% if x %}{{ y }}{% endif %}</p>", "liquid or jinja2", "html", nil, true},
		{"erb", "a.html", "<p><%= @name %></p>", "erb", "html", nil, true},
		{"mailchimp", "a.html", "<p>*|FNAME|*</p>", "mailchimp", "html", nil, true},
		{"ampscript", "a.html", "<p>%%=v(@name)=%%</p>", "ampscript", "html", nil, true},
		{"weak in header", "a.eml", "From: __FROM__\nTo: x@example.com\n__BCC__\nSubject: x\n\n__BODY__\n", "underscores", "message", []string{"*", "From"}, true},
		{"weak in body", "a.eml", "From: x@example.com\nTo: x@example.com\nSubject: x\n\nfoo.__DICT__ ${HOME}\n", "", "", nil, false},
		{"weak with extension", "a.txt.tmpl", "Hello __NAME__", "underscores", "text", nil, true},
		{"mailgun", "a.eml", "From: x@example.com\nTo: %recipient.email%\nSubject: x\n\n", "percent", "message", []string{"To"}, false},
		{"documentation", "README.md", "Write `{{name}}` here", "", "", nil, false},
		{"readme", "README.txt", "Write {{name}} here", "", "", nil, false},
		{"source code", "a.js", "x = {{a}}", "", "", nil, false},
		{"text", "content.txt", "Hello {{name}}", "handlebars", "text", nil, true},
		{"binary", "a.eml", "From: {{x}}\n\n\x00", "", "", nil, false},
		{"lines in header", "a.eml.tmpl", "[%# A comment\n  # of lines\n  #%]\n\nFrom: [% from %]\n[% IF cc %]\nCc: [% cc %]\n[% END %]\nSubject: x\n\n[% PROCESS body %]\n",
			"template-toolkit", "message", []string{"*", "Cc", "From"}, true},
	} {
		f, ok := Recognise(c.name, []byte(c.text))
		if ok != (c.syntax != "") || f.Syntax != c.syntax || f.Kind != c.kind || !slices.Equal(f.Fields, c.fields) || f.Body != c.body {
			t.Errorf("%s: %v %+v", c.what, ok, f)
		}
		for i, p := range f.Placeholders {
			if i > 0 && p.Offset < f.Placeholders[i-1].End() || p.End() > len(c.text) || p.Line != int64(strings.Count(c.text[:p.Offset], "\n"))+1 {
				t.Errorf("%s: placeholder %+v", c.what, p)
			}
		}
		if ok {
			checkOpaque(t, c.name, []byte(c.text), f)
		}
	}
}

// checkOpaque wants what Opaque promises.
func checkOpaque(t *testing.T, name string, b []byte, f Found) []byte {
	t.Helper()
	out := Opaque(b, f)
	if got, want := bytes.Count(out, []byte("\n")), bytes.Count(b, []byte("\n")); got != want {
		t.Errorf("%s: %d lines, want %d", name, got, want)
	}
	// A quoted text writes what would be a tag otherwise.
	quoted := slices.ContainsFunc(f.Placeholders, func(p Placeholder) bool { return quotedText().MatchString(strings.TrimSpace(p.Text)) })
	if _, again := Recognise(name, out); again && !quoted {
		t.Errorf("%s: still a template: %q", name, out)
	}
	r := f.Rendered(name, b)
	res, err := mimesize.Scan(bytes.NewReader(r.Message))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		switch p.ID {
		case "rfc.header_name", "mime.ambiguous_missing_separator", "rfc.mime_unclosed", "rfc.mime_boundary_missing", "rfc.header_fold":
			t.Errorf("%s: %s at line %d: %q", name, p.ID, p.Line, p.Detail)
		}
	}
	return out
}

func TestOpaque(t *testing.T) {
	text := "From: {{ name }} <{{ local }}@{{ host }}>\r\nTo: {{ to }}, {{ cc }}\r\n{% if bulk %}\r\nPrecedence: bulk\r\n{% endif %}\r\n" +
		"Subject: {{ subject }}\r\nContent-Type: multipart/mixed; boundary={{ b }}\r\n\r\n" +
		"--{{ b }}\r\nContent-Type: text/html\r\n\r\n<a href=\"{{ url }}\">{{ text }}</a> <a href='https://{{ host }}/x'>{# a\r\nb #}</a>\r\n--{{ b }}--\r\n"
	f, ok := Recognise("x.eml", []byte(text))
	if !ok || f.Syntax != engineJinja {
		t.Fatalf("%v %+v", ok, f)
	}
	out := string(checkOpaque(t, "x.eml", []byte(text), f))
	for _, want := range []string{
		"@opaque.invalid>\r\n", "X-Postern-Opaque: 1\r\nPrecedence: bulk\r\nX-Postern-Opaque: 1\r\n", "<a href=\"https://opaque.invalid/opaque", "'https://opaque.invalid/x'>\r\n</a>",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	res, err := mimesize.Scan(strings.NewReader(out))
	if err != nil || len(res.Parts) != 2 || res.Parts[1].MediaType != "text/html" {
		t.Errorf("the parts are not found: %v\n%s", err, out)
	}
	if !slices.Equal(f.Fields, []string{"*", "Content-Type", "From", "Subject", "To"}) {
		t.Errorf("fields %v", f.Fields)
	}
	r := f.Rendered("x.eml", []byte(text))
	if file, n, exact := r.Source("", 4+2); file != "x.eml" || n != 4 || !exact { // behind Date and Message-ID
		t.Errorf("%s:%d %v", file, n, exact)
	}
	h, ok := Recognise("x.html", []byte("<p>a</p>\n<p>{{ x }} Grüße</p>\n"))
	if !ok {
		t.Fatal("no template")
	}
	if file, n, exact := sourceOf(t, h.Rendered("x.html", []byte("<p>a</p>\n<p>{{ x }} Grüße</p>\n")), "Gr=C3"); file != "x.html" || n != 2 || !exact {
		t.Errorf("%s:%d %v", file, n, exact)
	}
}

func TestDetectEngine(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"a.liquid", "", engineLiquid}, {"a.html.hbs", "", engineHandlebars}, {"a.mustache.html", "", engineMustache}, {"a.html.j2", "", engineJinja},
		{"a.gohtml", "", engineGoHTML}, {"a.html.gotmpl", "", engineGoHTML}, {"a.txt.gotmpl", "", engineGoText},
		{"a.html", "{{.Name}}", engineGoHTML}, {"a.txt", "{{- range .Items }}{{ . }}{{ end }}", engineGoText}, {"a.html", "{{ $x := 1 }}", engineGoHTML},
		{"a.html", "{{#if a}}b{{else}}c{{/if}}", engineHandlebars}, {"a.html", "{{#each a}}{{this}}{{/each}}", engineHandlebars},
		{"a.html", "{{> header title=\"x\"}}", engineHandlebars}, {"a.html", "{{name}}", engineHandlebars},
		{"a.html", "{{#a}}{{b}}{{/a}}", engineMustache}, {"a.html", "{{^a}}{{/a}}", engineMustache},
		{"a.html", "{% assign a = 1 %}", engineLiquid}, {"a.html", "{{ a | date: '%Y' }}", engineLiquid}, {"a.html", "{% for a in b %}{{ forloop.index }}{% endfor %}", engineLiquid},
		{"a.html", "{% set a = 1 %}", engineJinja}, {"a.html", "{{ a | join(', ') }}", engineJinja}, {"a.html", "{# c #}{{ a }}", engineJinja},
		{"a.html", "{% for a in b %}{{ loop.index }}{% endfor %}", engineJinja},
		{"a.html", "{% if a %}{% endif %}", ""}, {"a.html", "<%= a %>", ""}, {"a.txt", "[% a %]", ""}, {"a.mjml", "<mjml><mj-body>", ""},
		{"a.html", "<p>static</p>", engineNone}, {"a.txt", "", engineNone},
	} {
		if got, why := detectEngine(c.file, c.text); got != c.want || got == "" && why == "" {
			t.Errorf("%s %q: %q %s", c.file, c.text, got, why)
		}
	}
}

func TestKind(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"a.eml", "From: a@example.com\nTo: b@example.com\n\nx", "message"}, {"a", "Subject: x\n\ny", "message"},
		{"a.tmpl", "{{/* c */ -}}\nMIME-Version: 1.0\nFrom: x\n\n", "message"}, {"a.html", "<p>", "html"}, {"a.html.tmpl", "x", "html"},
		{"a.txt", "Dear: x\n\ny", "text"}, {"a.tmpl", "<!DOCTYPE html>", "html"}, {"a", "hello", "text"}, {"a", "", "text"},
		{"a.txt", "From here: on\nwe go\n", "text"},
	} {
		if got := kindOf(c.file, []byte(c.text)); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.file, c.text, got, c.want)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	for _, s := range []string{
		"From: {{from}}\nSubject: x\n\nDear {{name}}\n", "[%# c\n #%]\nFrom: [% x %]\n\n[% y %]", "<p>{{#if a}}{{{b}}}{{else}}{{!-- c --}}{{/if}}</p>",
		"{% raw %}{{ x }}{% endraw %}{# c #}", "{{=<% %>=}}<% a %>", "From: __X__\n__BCC__\nTo: x\n\n", "<a href=\"*|X|*\">%%=v(@a)=%%", "{{{{raw}}}} x {{{{/raw}}}}",
		"---\na: b\n---\n{{ x }}", "{{- /* c */ -}}\r\nFrom: {{ .X }}\r\n\r\n",
	} {
		f.Add("a.eml", []byte(s))
		f.Add("a.html", []byte(s))
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		found, ok := Recognise(name, b)
		if !ok {
			return
		}
		end := 0
		for _, p := range found.Placeholders {
			if p.Offset < end || p.Length <= 0 || p.End() > len(b) {
				t.Fatalf("placeholder %+v after %d of %d", p, end, len(b))
			}
			end = p.End()
		}
		out := Opaque(b, found)
		if bytes.Count(out, []byte("\n")) != bytes.Count(b, []byte("\n")) {
			t.Fatalf("%q\n%q", b, out)
		}
		found.Rendered(name, b)
	})
}

func FuzzFrontMatter(f *testing.F) {
	for _, s := range []string{"---\na: b\n---\nx", "---\r\nsubject: x\r\n...\r\nbody", "---\nheaders: {A: b}\ninline: [x]\n---\n", "---\n--- \n", "----\n", "---\na: &a [*a]\n---\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		front, body, yamlLine, bodyLine, ok := splitFront(b)
		if !ok {
			if !bytes.Equal(body, b) || bodyLine != 1 {
				t.Fatalf("%q: body %q at line %d", b, body, bodyLine)
			}
			return
		}
		if !bytes.HasSuffix(b, body) || yamlLine != 2 || int64(bytes.Count(b[:len(b)-len(body)], []byte("\n")))+1 != bodyLine && len(body) > 0 {
			t.Fatalf("%q: front %q, body %q at line %d", b, front, body, bodyLine)
		}
		s := settings{headers: map[string]stated{}}
		_ = s.addFront("x", front, yamlLine)
		for name := range s.headers {
			if !fieldName(name) {
				t.Fatalf("field name %q", name)
			}
		}
	})
}
