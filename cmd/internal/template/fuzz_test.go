package template

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzRender feeds engines what is no template: whatever they do, it ends as a message or a typed error in time.
func FuzzRender(f *testing.F) {
	for i, d := range dialects {
		for _, text := range []string{d.undefined, d.undefinedIf, d.undefinedLoop, d.nullIf, d.syntax, d.missing, d.deepMember, d.partial} {
			f.Add(uint8(i), []byte(text))
		}
	}
	for i, name := range []string{"go-text/good.eml.tmpl", "go-html/good.html.tmpl", "liquid/good.html", "handlebars/good.html", "mustache/good.html", "jinja2/good.html"} {
		b, err := os.ReadFile(filepath.Join("testdata", "templates", filepath.FromSlash(name)))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(i), b)
	}
	data, err := decodeData("d.json", []byte(sample))
	if err != nil {
		f.Fatal(err)
	}
	tr, err := openTree(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, engine uint8, text []byte) {
		if len(text) > 1<<14 {
			return
		}
		d := dialects[int(engine)%len(dialects)]
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		j := &job{ctx: ctx, files: tr, engine: d.name, src: source{d.file, string(text), 1}, data: data, html: true}
		r, err := j.render(true)
		if err != nil {
			var ee *EngineError
			if !errors.As(err, &ee) || ee.Message == "" || ee.File == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		for i, at := range r.refs {
			if at.exact && (at.line < 1 || at.file == "") {
				t.Fatalf("line %d: %+v", i, at)
			}
		}
	})
}
