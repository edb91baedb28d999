package needs_test

import (
	"path/filepath"
	"runtime"
	"testing"

	"postern/cmd/internal/needs"
)

// recorder stands for a test and remembers how it ended.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper() {}
func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = format
	runtime.Goexit()
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = format
	runtime.Goexit()
}

func (r *recorder) run(f func(testing.TB)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
}

func TestMissing(t *testing.T) {
	dir := t.TempDir()
	for name, f := range map[string]func(testing.TB){
		"program": func(t testing.TB) { needs.Program(t, "postern-no-such-program") },
		"file":    func(t testing.TB) { needs.File(t, filepath.Join(dir, "none")) },
	} {
		t.Setenv("CI", "")
		r := &recorder{TB: t}
		if r.run(f); r.skipped == "" || r.failed != "" {
			t.Errorf("missing %s at home: skipped %q, failed %q", name, r.skipped, r.failed)
		}
		t.Setenv("CI", "true")
		r = &recorder{TB: t}
		if r.run(f); r.skipped != "" || r.failed == "" {
			t.Errorf("missing %s in CI: skipped %q, failed %q", name, r.skipped, r.failed)
		}
	}
}

func TestPresent(t *testing.T) {
	if got := needs.Program(t, "go"); !filepath.IsAbs(got) {
		t.Errorf("go is at %q", got)
	}
	if got := needs.File(t, "needs.go"); got != "needs.go" {
		t.Errorf("File = %q", got)
	}
}
