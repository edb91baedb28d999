package template

import (
	"context"
	"errors"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/needs"
)

func TestMain(m *testing.M) {
	if Called(os.Args) {
		os.Exit(Serve(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// TestRendererIsRender: a process gives what this one gives, message, lines, names and errors.
func TestRendererIsRender(t *testing.T) {
	files := map[string]string{"data.json": sample, "self.html": "x", "meta.json": "{}"}
	var specs []Spec
	add := func(engine, file, text string) {
		file = strings.Join([]string{engine, string(rune('a' + len(files)%26)), file}, "/")
		if _, ok := files[file]; ok || text == "" {
			return
		}
		files[file] = "one\n" + text + "\n\xe4\n"
		specs = append(specs, Spec{
			Files: []string{file}, Engine: engine, Data: []string{"data.json"}, Kind: "html", Subject: "Hi\xff", From: "a@example.com", File: "postern.yaml",
			Lines: map[string]int{"subject": 7}, Headers: map[string]string{"X-A": "b"}, Attachments: []string{"self.html"},
		})
	}
	for _, d := range dialects {
		for _, text := range []string{d.nullIf, d.undefined, d.undefinedLoop, d.syntax, d.missing, d.recursion} {
			add(d.name, d.file, text)
		}
	}
	files["bad.html"], files["bad.json"] = "x", "{\n]"
	specs = append(specs, Spec{Files: []string{"bad.html"}, Engine: engineLiquid, Data: []string{"bad.json"}})
	if runtime.GOOS != "windows" {
		files["run.html"] = "<p>run</p>"
		specs = append(specs, Spec{Files: []string{"run.html"}, Command: []string{"cat", "{file}"}, Subject: "Hi"},
			Spec{Files: []string{"run.html"}, Command: []string{"false"}})
	}
	units, errs := Units(repository(t, files), specs)
	if len(errs) > 0 || len(units) < 25 {
		t.Fatalf("%d units, %v", len(units), errs)
	}
	var r Renderer
	defer r.Close()
	good := 0
	for _, u := range units {
		want, wantErr := u.Render(context.Background())
		got, err := r.Render(context.Background(), u)
		if !reflect.DeepEqual(err, wantErr) {
			t.Errorf("%s: error %v, want %v", u.Name, err, wantErr)
		}
		if err == nil && wantErr == nil {
			good++
			// An empty list and none are the same to everybody who reads them.
			if len(want.Variables) == 0 {
				want.Variables = nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n%+v\nwant\n%+v", u.Name, got, want)
			}
		}
	}
	if good < 7 {
		t.Errorf("%d messages", good)
	}
}

// TestRendererBounds: what would fill the memory, or be the end of the process, is an error of that unit alone.
func TestRendererBounds(t *testing.T) {
	hostile := map[string][2]string{
		"times.html":    {engineJinja, `{{ "x" * 4000000000 }}`},
		"indent.html":   {engineJinja, `{{ "a\nb"|indent(4000000000) }}`},
		"impossible.md": {engineJinja, `{{ "a"|center(1000000)|replace(" ", "a"|center(100000))|length }}`},
		"twice.html":    {engineJinja, `{% set ns = namespace(s="xxxxxxxxxxxxxxxx") %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}`},
		"range.html":    {engineLiquid, `{% assign a = (1..1000000000) | join: "x" %}`},
	}
	if needs.UnderRace {
		clear(hostile) // the detector needs several times the memory itself, and ends the process in its own way
	}
	files := map[string]string{"good.html": "<p>Hello</p>"}
	specs := []Spec{{Files: []string{"good.html"}, Engine: engineLiquid}}
	for name, h := range hostile {
		files[name] = h[1]
		specs = append(specs, Spec{Files: []string{name}, Engine: h[0], Kind: "html"})
	}
	units, errs := Units(repository(t, files), specs)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var r Renderer
	defer r.Close()
	var all sync.WaitGroup
	for _, u := range append(units, units[0], units[0], units[0]) {
		all.Go(func() {
			_, err := r.Render(context.Background(), u)
			if u.Template == "good.html" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var ee *EngineError
			if !errors.As(err, &ee) || ee.File != u.Template || ee.Engine != hostile[u.Template][0] || ee.Message != string(errMemory) {
				t.Errorf("%s: %v", u.Name, err)
			}
		})
	}
	all.Wait()
}

// TestRendererDeath: a process that dies is told, and the next unit has a new one.
func TestRendererDeath(t *testing.T) {
	units, errs := Units(repository(t, map[string]string{"a.html": "<p>Hello</p>"}), []Spec{{Files: []string{"a.html"}, Engine: engineLiquid}})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	var r Renderer
	defer r.Close()
	if _, err := r.Render(context.Background(), units[0]); err != nil {
		t.Fatal(err)
	}
	var p *process
	for range cap(r.free) { // the one that was started
		q := <-r.free
		if q != nil {
			p = q
		}
		r.free <- q
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	dead := 0
	for range cap(r.free) + 1 {
		_, err := r.Render(context.Background(), units[0])
		var ee *EngineError
		if err == nil {
			continue
		}
		if dead++; !errors.As(err, &ee) || !strings.Contains(ee.Message, "broke down") {
			t.Error(err)
		}
	}
	if dead != 1 {
		t.Errorf("%d errors", dead)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Render(ctx, units[0]); err == nil {
		t.Error("rendered although interrupted")
	}
}

// TestNoAnswer: what is no frame is an error, and takes no memory.
func TestNoAnswer(t *testing.T) {
	for _, s := range []string{"", "\x01", "\xff\xff\xff\xff\xff\xff\xff\x7f", "\x05\x00\x00\x00\x00\x00\x00\x00abc"} {
		if b, err := readFrame(strings.NewReader(s)); err == nil {
			t.Errorf("%q: %q", s, b)
		}
	}
}
