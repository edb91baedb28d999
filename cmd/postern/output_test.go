package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/report"
)

// TestReadmeFormats: README.md tells of every format.
func TestReadmeFormats(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Formats() {
		if !strings.Contains(string(b), "| `"+f+"` | ") {
			t.Errorf("README.md does not tell of %s", f)
		}
	}
}

// TestOutputIsWholeOrNotThere: a report that could not be finished leaves what was there before, and nothing beside it.
func TestOutputIsWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report.json")
	if err := os.WriteFile(name, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	code := process(context.Background(), []string{"postern", "check", "--no-config", "--output", "json=" + name, filepath.Join("..", "..", "testdata", "messages")},
		strings.NewReader(""), brokenPipe{}, &errs)
	if code != 3 {
		t.Errorf("exit status %d\n%s", code, errs.String())
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "before" {
		t.Errorf("%v, the file holds %q", err, b)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("%v, the directory holds %v", err, list)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }
