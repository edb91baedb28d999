package template

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
	"postern/mimesize"
)

const corpora = "../../../../shared/corpora"

// everyNth thins out the corpora: the library's Handlebars lexer is some fifty times slower under the race detector.
var everyNth = map[bool]int{false: 1, true: 11}[needs.UnderRace]

// corpusDir is the directory of the corpora of real mail, which are no part of the project.
func corpusDir(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(corpora); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	return corpora
}

// corpusFiles are the files of a corpus that are no licence.
func corpusFiles(t *testing.T, name string) []string {
	t.Helper()
	var files []string
	root := filepath.Join(corpusDir(t), name)
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if !strings.HasPrefix(rel, "LICENCE") {
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var (
	eachBlock = regexp.MustCompile(`(?s)\{\{#each ([\w.]+) ?\}\}(.*?)\{\{/each\}\}`)
	section   = regexp.MustCompile(`(?s)\{\{#(\w+)\}\}(.*?)\{\{/(\w+)\}\}`)
	variable  = regexp.MustCompile(`\{\{ ?(\w+) ?\}\}`)
)

// sampleFor makes data for a template of names, sections and {{#each}}.
func sampleFor(text string) map[string]any {
	data := map[string]any{}
	inner := func(body string) map[string]any { return sampleFor(body) }
	text = section.ReplaceAllStringFunc(text, func(s string) string {
		m := section.FindStringSubmatch(s)
		if eachBlock.MatchString(m[2]) || m[1] != m[3] { // {{#each .}} in a section of a list
			data[m[1]] = []any{[]any{inner(eachBlock.FindStringSubmatch(s)[2])}}
			return ""
		}
		data[m[1]] = inner(m[2])
		return ""
	})
	text = eachBlock.ReplaceAllStringFunc(text, func(s string) string {
		m := eachBlock.FindStringSubmatch(s)
		data[m[1]] = []any{inner(m[2]), inner(m[2])}
		return ""
	})
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		data[m[1]] = "https://www.example.org/" + m[1]
	}
	return data
}

// TestPostmark renders all 132 templates as 66 messages of HTML and text, with data made from their names.
func TestPostmark(t *testing.T) {
	files := corpusFiles(t, "postmark-templates")
	if len(files) != 132 {
		t.Fatalf("%d files", len(files))
	}
	dir := t.TempDir()
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(corpora, "postmark-templates", f))
		if err != nil {
			t.Fatal(err)
		}
		p := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if found, ok := Recognise(f, b); !ok || found.Body != true {
			t.Errorf("%s is not recognised", f)
		} else {
			checkOpaque(t, f, b, found)
		}
	}
	for _, f := range files {
		if !strings.HasSuffix(f, ".html") {
			continue
		}
		text := ""
		for _, name := range []string{f, strings.TrimSuffix(f, ".html") + ".txt"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			text += string(b)
		}
		b, err := json.Marshal(sampleFor(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Dir(f), "sample.json"), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	units, errs := Units(dir, []Spec{{
		Files: []string{"**/content.html"}, Text: "{dir}/content.txt", Data: []string{"{dir}/sample.json"},
		Engine: engineHandlebars, From: "shop@example.com", To: "ada@example.net", Subject: "{{name}}",
	}})
	if len(errs) > 0 || len(units) != 66 {
		t.Fatalf("%d units, %v", len(units), errs)
	}
	rendered, known, lines := 0, 0, 0
	for i, u := range units {
		if i%everyNth != 0 {
			continue
		}
		u.spec = &Spec{}
		*u.spec = Spec{Files: []string{u.Template}, Text: "{dir}/content.txt", Engine: engineHandlebars, From: "shop@example.com", To: "ada@example.net", Subject: "Hello"}
		r, err := u.Render(context.Background())
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		scanned(t, r.Message)
		rendered++
		for n := range r.refs {
			_, _, exact := r.Source("", int64(n+1))
			lines++
			if exact {
				known++
			}
		}
	}
	t.Logf("%d messages of 2 templates each rendered, %d of %d lines known", rendered, known, lines)
	if rendered != (66+everyNth-1)/everyNth || known*100 < lines*95 {
		t.Errorf("%d rendered, %d of %d lines known", rendered, known, lines)
	}
}

// TestCorpora: what is not rendered is recognised, and what is neither is named with the reason.
func TestCorpora(t *testing.T) {
	for _, c := range []struct {
		name, syntax                string
		files, messages, recognised int
		unreadable                  map[string]string
	}{
		{"bugzilla-templates", "template-toolkit", 28, 15, 28, nil},
		{"dak-templates", "underscores", 17, 16, 16, map[string]string{"templates/README": "a list of placeholders, not a message"}},
		{"rss2email-templates", engineGoText, 3, 2, 2, map[string]string{"example_templates/README.md": "documentation of a template"}},
	} {
		files := corpusFiles(t, c.name)
		messages, recognised := 0, 0
		for _, f := range files {
			b, err := os.ReadFile(filepath.Join(corpora, c.name, f))
			if err != nil {
				t.Fatal(err)
			}
			found, ok := Recognise(f, b)
			if !ok {
				if c.unreadable[f] == "" {
					t.Errorf("%s/%s is not recognised", c.name, f)
				} else {
					t.Logf("%s/%s: %s", c.name, f, c.unreadable[f])
				}
				continue
			}
			recognised++
			if found.Syntax != c.syntax {
				t.Errorf("%s/%s: syntax %s", c.name, f, found.Syntax)
			}
			if found.Kind == "message" {
				messages++
			}
			checkOpaque(t, f, b, found)
		}
		if len(files) != c.files || recognised != c.recognised || messages != c.messages {
			t.Errorf("%s: %d files, %d recognised, %d of them messages", c.name, len(files), recognised, messages)
		}
	}
}

// TestRSS2Email renders the two Go templates of whole multipart messages, whose functions only their program defines.
func TestRSS2Email(t *testing.T) {
	corpusDir(t)
	rendered := 0
	for _, f := range []string{"template/template.txt", "example_templates/youtube.txt"} {
		b, err := os.ReadFile(filepath.Join(corpora, "rss2email-templates", f))
		if err != nil {
			t.Fatal(err)
		}
		dir := repository(t, map[string]string{"t.txt": string(b), "d.yaml": `
From: feeds@example.com
To: ada@example.net
Subject: News
Tag: news
Link: https://www.example.org/1
Feed: https://www.example.org/feed
Text: plain
HTML: <p>rich</p>
RSSItem:
  GUID: "1"
  Published: today
  Author: {Name: Ada}
  Extensions:
    media:
      group:
        - {Name: group, Value: "", Attrs: {}, Children: {description: [{Name: description, Value: What it is about}]}}
`})
		s := Spec{Files: []string{"t.txt"}, Data: []string{"d.yaml"}}
		_, err = one(t, dir, s)
		var ee *EngineError
		if !errors.As(err, &ee) || !strings.Contains(ee.Message, "named under functions") {
			t.Errorf("%s: %v", f, err)
		}
		s.Functions = []string{"quoteprintable", "encodeHeader", "makeListIdHeader", "split", "env"}
		r, err := one(t, dir, s)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		res, err := mimesize.Scan(strings.NewReader(string(r.Message)))
		if err != nil || r.Kind != "message" || len(res.Parts) != 5 {
			t.Errorf("%s: %v, %s of %d parts", f, err, r.Kind, len(res.Parts))
		}
		file, n, exact := sourceOf(t, r, "X-RSS-GUID:")
		if want := int64(strings.Count(string(b[:strings.Index(string(b), "X-RSS-GUID:")]), "\n") + 1); file != "t.txt" || n != want || !exact {
			t.Errorf("%s: %s:%d %v, want line %d", f, file, n, exact, want)
		}
		rendered++
	}
	if rendered != 2 {
		t.Errorf("%d rendered", rendered)
	}
}

// TestMailIsNoTemplate: of thousands of real messages, among them many that talk about code, none is taken for a template.
func TestMailIsNoTemplate(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(corpusDir(t), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasSuffix(p, "-templates") {
				return fs.SkipDir
			}
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		seen++
		if f, ok := Recognise(p, b); ok {
			t.Errorf("%s: %s, %+v", p, f.Syntax, f.Placeholders[0])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 4000 {
		t.Errorf("only %d files", seen)
	}
}
