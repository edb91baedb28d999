package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a message says about itself counts only where files of a repository are judged. Every place that could change that is
// listed here: a live gate that honoured the sender's own suppressions would let him write his own pass.
func TestWhoHonoursTheMessage(t *testing.T) {
	allowed := map[string]map[string]bool{
		`\bHonourMessage\b`:            {"postern/accept.go": true, "internal/suppress/set.go": true, "internal/suppress/doc.go": true},
		`\bhonour\b\s*[:=]|\.honour\b`: {"postern/accept.go": true},
		`\breadAcceptOptions\(`:        {"postern/accept.go": true, "postern/check.go": true, "postern/baseline.go": true, "postern/preview.go": true},
		`\bsuppress\.Scan\(`:           {"postern/accept.go": true},
	}
	seen := map[string]int{}
	err := filepath.WalkDir("..", func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for pattern, files := range allowed {
			if regexp.MustCompile(pattern).Match(b) {
				seen[pattern]++
				if !files[strings.TrimPrefix(filepath.ToSlash(p), "../")] {
					t.Errorf("%s matches %s", p, pattern)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pattern := range allowed {
		if seen[pattern] == 0 {
			t.Errorf("nothing matches %s", pattern)
		}
	}
}
