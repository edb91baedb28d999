package config

import (
	"errors"
	"path/filepath"
	"testing"

	"postern/cmd/internal/locate"
)

// FuzzConfig holds that any text gives either a Config, all of whose keys have a line, or errors with a line, never both and
// never a panic.
func FuzzConfig(f *testing.F) {
	seeds := 0
	for _, dir := range []string{"good", "bad"} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, bad := locate.ReadFile(file)
			if bad != nil {
				f.Fatal(bad)
			}
			f.Add(data)
			seeds++
		}
	}
	if seeds == 0 {
		f.Fatal("no fixtures")
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("postern.yaml", data, clock)
		if err == nil {
			for _, key := range c.Keys() {
				if _, line := c.Pos(key); line < 1 {
					t.Errorf("%s has line %d", key, line)
				}
			}
			if len(c.Keys()) == 0 {
				t.Error("a Config without a key")
			}
			return
		}
		var errs Errors
		if c != nil || !errors.As(err, &errs) || len(errs) == 0 {
			t.Fatalf("got %v and %v", c, err)
		}
		for _, e := range errs {
			if e.Line < 1 || e.Message == "" || e.Remedy == "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
