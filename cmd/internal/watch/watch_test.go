package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// changed waits for a change, for as long as a loaded machine may need.
func changed(t *testing.T, w *Watcher) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := w.Wait(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestChanges(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.html")
	write(t, file, "one")
	w, err := New([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	write(t, file, "two")
	changed(t, w)
	// A file that takes the place of another.
	write(t, filepath.Join(dir, ".new"), "three")
	if err := os.Rename(filepath.Join(dir, ".new"), file); err != nil {
		t.Fatal(err)
	}
	changed(t, w)
	// A directory that is made later is watched too.
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	changed(t, w)
	write(t, filepath.Join(sub, "b.html"), "four")
	changed(t, w)
}

func TestOneFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.html")
	write(t, file, "one")
	w, err := New([]string{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	// The other file of the directory is none of ours: what Wait sees is the change of the first.
	write(t, filepath.Join(dir, "b.html"), "two")
	write(t, file, "three")
	changed(t, w)
}

func TestEnds(t *testing.T) {
	w, err := New([]string{t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := New([]string{filepath.Join(t.TempDir(), "absent")}, nil); err == nil {
		t.Error("what is not there is watched")
	}
}

// What the program writes itself would set off the next run for ever.
func TestOwnFiles(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "report.json")
	w, err := New([]string{dir}, []string{own})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	write(t, own, "{}")
	for range 2 { // it is made, and written to
		select {
		case e := <-w.w.Events:
			if w.matters(e) {
				t.Errorf("%s counts", e)
			}
		case <-t.Context().Done():
		}
	}
}

// TestLeave: a report that is redirected into the watched directory is no change.
func TestLeave(t *testing.T) {
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "report.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w, err := New([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Leave(out)
	w.Leave(&struct{}{}) // no file
	if _, err := out.WriteString("FAIL\n"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*Quiet)
	defer cancel()
	if err := w.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	write(t, filepath.Join(dir, "a.html"), "x")
	changed(t, w)
}
