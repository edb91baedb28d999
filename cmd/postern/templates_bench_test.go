package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/config"
)

// BenchmarkTemplates judges templates of 12 KB in each engine, and beside it the messages that they make. It prints how long a
// template takes, and the ratio of the two from the same run: what rendering costs on top of judging.
func BenchmarkTemplates(b *testing.B) {
	const each = 40
	dir := b.TempDir()
	wd, err := os.Getwd()
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Chdir(dir); err != nil {
		b.Fatal(err)
	}
	defer os.Chdir(wd)
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	conf := "templates:\n"
	for engine, value := range map[string]string{"liquid": "{{ name }}", "handlebars": "{{name}}", "mustache": "{{name}}", "jinja2": "{{ name }}", "go-html": "{{ .name }}"} {
		row := `<tr><td style="padding: 8px; color: #333333; background-color: #ffffff">Thank you ` + value + `, your order is on its way to you since this morning.</td></tr>` + "\n"
		page := "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Order</title></head>\n<body><table>\n" + strings.Repeat(row, 80) + "</table></body></html>\n"
		for i := range each {
			write(fmt.Sprintf("%s/%d.html", engine, i), page)
		}
		conf += fmt.Sprintf("  - files: [%s/*.html]\n    engine: %s\n    data: [data.json]\n    from: shop@example.com\n    to: ada@example.org\n    subject: Hello\n", engine, engine)
	}
	write("postern.yaml", conf)
	write("data.json", `{"name": "Ada"}`)
	cfg, err := config.Load(".", "", nil)
	if err != nil {
		b.Fatal(err)
	}
	t, err := newTemplates(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for i := range t.units {
		r, err := t.units[i].Render(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		write(fmt.Sprintf("mail/%d.eml", i), string(r.Message))
	}
	check := func(args ...string) time.Duration {
		var out, errs bytes.Buffer
		began := time.Now()
		if code := run(context.Background(), append([]string{"postern", "check", "--quiet"}, args...), strings.NewReader(""), &out, &errs); code > 1 {
			b.Fatalf("exit %d\n%s%s", code, out.String(), errs.String())
		}
		return time.Since(began)
	}
	var templates, messages time.Duration
	for b.Loop() {
		templates += check()
		messages += check("--no-config", "mail")
	}
	b.ReportMetric(float64(templates.Microseconds())/float64(b.N*len(t.units)), "µs/template")
	b.ReportMetric(float64(templates)/float64(messages), "×messages")
}
