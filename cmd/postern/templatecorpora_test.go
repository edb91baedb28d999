package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
)

// notTemplates are files of the corpora that are no templates of mail. They are judged or refused, but not passed over.
var notTemplates = map[string]string{
	"dak-templates/templates/README":                  "fail",     // begins like a message, and is documentation
	"rss2email-templates/example_templates/README.md": "unjudged", // documentation of a template
}

// TestTemplateCorpora: each of the templates that lie beside a checkout on the project's machines is recognised and judged by
// the rules that are true for any values, or named with the reason.
func TestTemplateCorpora(t *testing.T) {
	needs.WithoutRace(t, "TestCorpora has the workers")
	root, err := filepath.Abs("../../../shared/corpora")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root); err != nil {
		t.Skip("skip: needs ../shared/corpora")
	}
	files := map[string]bool{}
	args := []string{"postern", "check", "--no-config", "--format", "json"}
	for _, name := range []string{"postmark", "bugzilla", "dak", "rss2email"} {
		err := filepath.WalkDir(filepath.Join(root, name+"-templates"), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && d.Name() == "LICENCE" {
					return fs.SkipDir
				}
				return err
			}
			files[p] = true
			args = append(args, p)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) != 180 {
		t.Fatalf("%d files, want 180", len(files))
	}
	var out, errs bytes.Buffer
	if code := process(context.Background(), args, strings.NewReader(""), &out, &errs); code != 3 || errs.Len() > 0 {
		t.Fatalf("exit %d, want 3 for the one that is no message\n%s", code, errs.String())
	}
	var report struct {
		Messages []struct {
			Name, Verdict, Reason string
			Skipped               []struct{ Reason string }
		}
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	opaque := 0
	for _, m := range report.Messages {
		if !files[m.Name] {
			t.Errorf("%s was not asked for, or came twice", m.Name)
		}
		delete(files, m.Name)
		rel, err := filepath.Rel(root, m.Name)
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := notTemplates[filepath.ToSlash(rel)]; ok {
			if m.Verdict != want || want == "unjudged" && m.Reason == "" {
				t.Errorf("%s: %s, %s", rel, m.Verdict, m.Reason)
			}
			continue
		}
		template := false
		for _, s := range m.Skipped {
			template = template || strings.Contains(s.Reason, "the message is a template")
		}
		if !template || m.Verdict == "unjudged" {
			t.Errorf("%s is not judged as a template: %s %s", rel, m.Verdict, m.Reason)
			continue
		}
		opaque++
	}
	for name := range files {
		t.Errorf("%s was passed over", name)
	}
	if opaque != 178 {
		t.Errorf("%d of 178 judged as templates", opaque)
	}
}
