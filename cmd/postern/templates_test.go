package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/config"
)

// TestReadmeTemplates reads the templates that README.md shows.
func TestReadmeTemplates(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```yml\ntemplates:\n")
	text, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatal("README.md shows no templates")
	}
	cfg, err := config.Parse("README.md", []byte("templates:\n"+text), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Templates) != 2 {
		t.Errorf("%d entries", len(cfg.Templates))
	}
}

// A file that is named like a template and too large to be looked at is no pass.
func TestLargeTemplateIsUnjudged(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"large.hbs": maxTemplate + 1, "large.html": maxTemplate + 1} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("{{name}}"), size/8+1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var stdout, stderr strings.Builder
	if code := process(t.Context(), []string{"postern", "check", "--no-config", "--verbose", dir}, nil, &stdout, &stderr); code != 3 {
		t.Errorf("exit status %d\n%s%s", code, stdout.String(), stderr.String())
	}
	for _, want := range []string{"large.hbs\n    reason: is named like a template", "large.html: not named like mail"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is not in\n%s", want, stdout.String())
		}
	}
}
