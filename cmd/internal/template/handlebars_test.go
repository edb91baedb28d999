package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailgun/raymond/v2"
)

// TestHandlebarsAsLibrary: where nothing is undefined, the strict evaluation gives what the library's own gives.
func TestHandlebarsAsLibrary(t *testing.T) {
	texts := map[string]string{
		"values":     "{{name}} {{{name}}} {{&name}} {{user.email}} {{user/email}} {{big}} {{price}} {{yes}} {{this.name}} {{items.[0].title}} {{items.length}}",
		"if":         "{{#if name}}a{{else}}b{{/if}}{{#if none}}a{{else}}b{{/if}}{{#unless none}}c{{/unless}}{{#if yes}}{{#if name}}d{{/if}}{{/if}}",
		"each":       "{{#each items}}{{@index}}{{@first}}{{@last}}{{title}}{{../name}}{{/each}}{{#each empty}}x{{else}}none{{/each}}",
		"each map":   "{{#each one}}{{@key}}={{this}}{{/each}}",
		"params":     "{{#each items as |item i|}}{{i}}{{item.title}}{{/each}}",
		"with":       "{{#with user}}{{email}}{{@root.name}}{{/with}}{{#with none}}x{{else}}y{{/with}}",
		"sections":   "{{#items}}{{title}}{{/items}}{{^empty}}none{{/empty}}{{#user}}{{email}}{{/user}}{{#none}}x{{/none}}",
		"whitespace": "a\n  {{#if yes}}\n  b\n  {{/if}}\nc {{~name~}} d\n{{! comment }}\ne {{!-- {{x}} --}}\n",
		"helpers":    "{{lookup user \"email\"}}{{#equal name \"Ada\"}}same{{/equal}}",
		"escape":     "{{evil}} {{{evil}}} \\{{name}} {{\"literal\"}}",
	}
	data, err := decodeData("d.json", []byte(strings.Replace(sample, "{", `{"evil": "<a href='x'>&\"", "empty": [], "one": {"k": "v"}, "literal": "lit", `, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range texts {
		want, err := raymond.Render(text, data)
		if err != nil {
			t.Errorf("%s: library: %v", what, err)
			continue
		}
		dir := repository(t, map[string]string{"t.html": text})
		tr, err := openTree(dir)
		if err != nil {
			t.Fatal(err)
		}
		j := &job{ctx: t.Context(), files: tr, engine: engineHandlebars, src: source{"t.html", text, 1}, data: data, html: true}
		got, err := j.render(true)
		tr.close()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if string(got.text) != want {
			t.Errorf("%s:\n got %q\nwant %q", what, got.text, want)
		}
	}
	for i, f := range corpusFiles(t, "postmark-templates") {
		if i%everyNth != 0 {
			continue
		}
		b, err := os.ReadFile(filepath.Join(corpora, "postmark-templates", f))
		if err != nil {
			t.Fatal(err)
		}
		data := sampleFor(string(b))
		want, err := raymond.Render(string(b), data)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := openTree(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		j := &job{ctx: t.Context(), files: tr, engine: engineHandlebars, src: source{f, string(b), 1}, data: data, html: true}
		got, err := j.render(false)
		tr.close()
		if err != nil || string(got.text) != want {
			t.Errorf("%s: %v, not what the library gives", f, err)
		}
	}
}
