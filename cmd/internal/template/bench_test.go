package template

import (
	"context"
	"testing"
)

// BenchmarkRender renders the same order in each engine, line map included.
func BenchmarkRender(b *testing.B) {
	for _, file := range []string{"go-text/good.eml.tmpl", "go-html/good.html.tmpl", "liquid/good.html", "handlebars/good.html", "mustache/good.html", "jinja2/good.html", "parts/welcome/content.html"} {
		b.Run(file, func(b *testing.B) {
			units, errs := Units("testdata/templates", []Spec{{Files: []string{file}, Data: []string{"data/*"}, From: "a@example.com", To: "b@example.com", Subject: "Hello"}})
			if len(errs) > 0 || len(units) == 0 {
				b.Fatal(errs)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := units[0].Render(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
