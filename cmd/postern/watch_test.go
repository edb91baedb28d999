package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is what a program writes, for a reader that waits for something in it.
type output struct {
	mu   sync.Mutex
	b    bytes.Buffer
	more chan struct{}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.b.Write(p)
	select {
	case o.more <- struct{}{}:
	default:
	}
	return n, err
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// wait returns when text was written n times.
func (o *output) wait(t *testing.T, text string, n int) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for strings.Count(o.text(), text) < n {
		select {
		case <-o.more:
		case <-deadline:
			t.Fatalf("%q was not written %d times:\n%s", text, n, o.text())
		}
	}
}

func TestWatch(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("welcome.html", `<p>Hello {{ nam }}, it is good to have you with us.</p>`)
	write("ada.json", `{"name": "Ada"}`)
	write("postern.yaml", `templates:
  - files: ["*.html"]
    data: [ada.json]
    engine: liquid
    kind: html
    from: Acme <shop@acme-mail.net>
    to: ada@neighbour-mail.net
    subject: Welcome
`)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, errs := &output{more: make(chan struct{}, 1)}, &output{more: make(chan struct{}, 1)}
	code := make(chan int)
	go func() {
		code <- process(ctx, []string{"postern", "check", "--watch", "--config", filepath.Join(dir, "postern.yaml"), "--output", "json=" + filepath.Join(dir, "report.json"), dir},
			strings.NewReader(""), out, errs)
	}()
	errs.wait(t, "waiting for changes", 1)
	if s := out.text(); !strings.Contains(strings.Join(strings.Fields(s), " "), `the data has no "nam"`) || strings.Contains(s, "\x1b") {
		t.Errorf("first run:\n%s", s)
	}
	write("welcome.html", `<p>Hello {{ name }}, it is good to have you with us.</p>`)
	errs.wait(t, "waiting for changes", 2)
	out.wait(t, "1 pass, 0 fail, 0 unjudged", 1)
	// Faults of the configuration are told and waited out.
	write("postern.yaml", "templates: 5\n")
	errs.wait(t, "postern.yaml:1: templates", 1)
	stop()
	select {
	case got := <-code:
		if got != 0 {
			t.Errorf("exit %d, want 0: Ctrl-C is how it ends", got)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("Ctrl-C does not end it")
	}
	if n := strings.Count(errs.text(), "waiting for changes"); n > 8 {
		t.Errorf("%d runs: it sets itself off", n)
	}
}

func TestWatchUsage(t *testing.T) {
	for _, args := range [][]string{{"--watch", "-"}, {"--watch", "--staged"}, {"--watch", filepath.Join(t.TempDir(), "absent")}} {
		var out, errs bytes.Buffer
		if code := process(t.Context(), append([]string{"postern", "check", "--no-config"}, args...), strings.NewReader(""), &out, &errs); code != 2 {
			t.Errorf("%q: exit %d\n%s", args, code, errs.String())
		}
	}
}
