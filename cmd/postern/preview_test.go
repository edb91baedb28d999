package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// seen notes the paths that a browser asks for.
type seen struct {
	mu    sync.Mutex
	paths []string
}

func (s *seen) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/favicon.ico" {
		s.paths = append(s.paths, r.URL.Path)
	}
}

func (s *seen) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.paths
	s.paths = nil
	return list
}

// browse opens a file in a browser without a window and gives the document that comes of it.
func browse(t *testing.T, chromium, file string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
		"--user-data-dir="+t.TempDir(), "--virtual-time-budget=3000", "--dump-dom", "file://"+file)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", chromium, err, errs.String())
	}
	return out.String()
}

// TestPreviewInBrowser: the page shows message and findings, and nothing that the message holds runs or reaches out. The same
// HTML without the page around it does both, so the test would see it.
func TestPreviewInBrowser(t *testing.T) {
	needs.WithoutRace(t, "what is new here is the browser")
	chromium := needs.Program(t, "chromium")
	asked := &seen{}
	server := httptest.NewServer(asked)
	defer server.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	html := strings.ReplaceAll(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Welcome</title>
<link rel="stylesheet" href="SERVER/style.css"><link rel="preload" as="image" href="SERVER/preload.png">
<style>@import url(SERVER/import.css); p { background: url(SERVER/background.png) }</style>
<script src="SERVER/script.js"></script></head>
<body onload="new Image().src='SERVER/onload.png'"><p>Hello {{ name }}, it is good to have you with us.</p>
<p><a href="http://localhost/start">Begin here</a></p>
<img src="SERVER/remote.png" alt="far"><img src="cid:logo.png" alt="near">
<script>document.title = 'ran'; new Image().src = 'SERVER/inline.png'; top.location = 'SERVER/top.html'</script>
<iframe src="SERVER/frame.html"></iframe><object data="SERVER/object"></object>
<form action="SERVER/form"><button autofocus>Go</button></form>
</body></html>
`, "SERVER", server.URL)
	template := write("welcome.html", html)
	write("logo.png", "\x89PNG\r\n\x1a\n")
	write("ada.json", `{"name": "Ada <b>"}`)
	cfg := write("postern.yaml", `templates:
  - files: [welcome.html]
    data: [ada.json]
    engine: liquid
    inline: [logo.png]
    from: Acme <shop@acme-mail.net>
    to: ada@neighbour-mail.net
    subject: Welcome <script>alert(1)</script>
`)
	page := filepath.Join(dir, "page.html")
	var out, errs bytes.Buffer
	if code := process(context.Background(), []string{"postern", "preview", "--config", cfg, "-o", page, template}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	dom := browse(t, chromium, page)
	for _, want := range []string{"template.link_staging", "a link leads to localhost", "welcome.html:6", "Hello Ada", "data:image/png;base64,", `sandbox=""`,
		"Welcome &lt;script&gt;", "octets that Gmail shows"} {
		if !strings.Contains(dom, want) {
			t.Errorf("the page does not hold %s", want)
		}
	}
	if list := asked.take(); len(list) > 0 {
		t.Errorf("the page asked for %q", list)
	}
	if strings.Contains(dom, "<title>ran") {
		t.Error("a script of the message ran")
	}
	browse(t, chromium, write("bare.html", strings.ReplaceAll(html, "top.location = '"+server.URL+"/top.html'", "")))
	if list := asked.take(); len(list) < 5 {
		t.Errorf("without the page around it the message asks for %q only; the test proves nothing", list)
	}
}
