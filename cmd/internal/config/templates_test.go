package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTemplates(t *testing.T) {
	c, err := Parse("postern.yaml", read(t, "testdata/good/templates.yaml"), clock)
	if err != nil {
		t.Fatal(err)
	}
	want := []Template{
		{
			Files: []string{"emails/**/*.html"}, Exclude: []string{"emails/partials/*"}, Engine: "liquid", Text: "{dir}/{name}.txt",
			Data: []string{"data/*.json", "{dir}/sample.yaml"}, Subject: "Welcome, {{ name }}", From: "Alice <alice@example.com>",
			To: "{{ email }}", ReplyTo: "help@example.com", Headers: map[string]string{"List-Unsubscribe": "<https://www.example.com/leave?u={{ id }}>"},
			Includes: []string{"emails/partials"}, Layout: "base.html", Attachments: []string{"terms.pdf"}, Inline: []string{"logo.png"},
			Functions: []string{"asset_url"}, Line: 2,
			Lines: map[string]int{"subject": 7, "from": 8, "to": 9, "reply_to": 10, "List-Unsubscribe": 12},
		},
		{Files: []string{"emails/*.mjml"}, Command: []string{"mjml", "{file}", "-o", "{out}"}, Timeout: 20 * time.Second, Kind: "html", Line: 18, Lines: map[string]int{}},
	}
	if diff := cmp.Diff(want, c.Templates); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	e := c.TemplateError(1, "matches nothing", "").(*Error)
	if e.Line != 18 || e.Key != "templates[1]" {
		t.Errorf("%+v", e)
	}
}
