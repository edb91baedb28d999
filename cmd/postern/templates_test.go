package main

import (
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
