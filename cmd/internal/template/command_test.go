//go:build unix

package template

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

func TestCommand(t *testing.T) {
	sh := needs.Program(t, "sh")
	dir := repository(t, map[string]string{
		"t.erb": "<p>A literal line of it</p>\n<%= name %>\n", "d.json": `{"name": "Ada"}`,
		"run.sh": "cat \"$1\"; echo \"<p>$(cat \"$2\")</p>\"",
	})
	t.Setenv("POSTERN_TEST_SECRET", "SECRET")
	for _, c := range []struct {
		what    string
		command []string
		want    string
		fault   string
		line    int64
	}{
		{"stdout", []string{sh, "run.sh", "{file}", "{data}"}, `<p>{"name": "Ada"}</p>`, "", 0},
		{"out", []string{sh, "-c", `cp "$0" "$1"; echo noise`, "{file}", "{out}"}, "<p>A literal line of it</p>", "", 0},
		{"no out", []string{sh, "-c", `true`, "{out}"}, "", "wrote no file to {out}", 0},
		{"no shell", []string{"/bin/echo", "$(id)", "a;b", "*"}, "$(id) a;b *", "", 0},
		{"whole message", []string{"/bin/echo", "Subject: x\nFrom: a@example.com\n\nbody"}, "Subject: x\nFrom: a@example.com\n\nbody\n", "", 0},
		{"environment", []string{sh, "-c", "env"}, "PATH=", "", 0},
		{"relative", []string{sh, "-c", "pwd -P; ls"}, "run.sh", "", 0},
		{"pipe", []string{"mkfifo", "{out}"}, "", "made no regular file of {out}", 0},
		{"link", []string{"ln", "-s", "/dev/zero", "{out}"}, "", "made no regular file of {out}", 0},
		{"directory", []string{"mkdir", "{out}"}, "", "made no regular file of {out}", 0},
		{"fails", []string{sh, "-c", "echo t.erb:2: bad >&2; printf '\\033[1mx' >&2; exit 3"}, "", `exit status 3: t.erb:2: bad | \u{1b}[1mx`, 2},
		{"not there", []string{"postern-no-such-program"}, "", "executable file not found", 0},
	} {
		r, err := one(t, dir, Spec{Files: []string{"t.erb"}, Data: []string{"d.json"}, Command: c.command})
		if c.fault != "" {
			var ee *EngineError
			if !errors.As(err, &ee) || ee.Engine != "command" || ee.Line != c.line || !strings.Contains(ee.Message, c.fault) {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if !strings.Contains(string(r.Message), c.want) || strings.Contains(string(r.Message), "SECRET") {
			t.Errorf("%s: %s", c.what, r.Message)
		}
		if c.what == "whole message" && r.Kind != "message" {
			t.Errorf("%s: kind %s", c.what, r.Kind)
		}
		if c.what == "out" {
			if file, n, exact := sourceOf(t, r, "A literal line"); file != "t.erb" || n != 1 || !exact {
				t.Errorf("line: %s:%d %v", file, n, exact)
			}
		}
	}
}

// TestCommandLeaves: what a program leaves running that holds its output open is killed when the program has ended.
func TestCommandLeaves(t *testing.T) {
	sh := needs.Program(t, "sh")
	commandEnds(t, func(dir string) {
		failing(t, dir, time.Minute, "WaitDelay expired", sh, "-c", "(exec 3>pipe; sleep 600) & exit 0")
	})
}

// TestCommandKilled: a program that takes too long is killed together with what it started. Its child holds a pipe open, which
// ends when the child does.
func TestCommandKilled(t *testing.T) {
	sh := needs.Program(t, "sh")
	commandEnds(t, func(dir string) {
		// On a busy machine half a second is too short for a shell to begin.
		for _, timeout := range []time.Duration{500 * time.Millisecond, 10 * time.Second, time.Minute} {
			err := failing(t, dir, timeout, "killed after "+timeout.String(), sh, "-c", "(exec 3>pipe; sleep 600) & echo started >&2; wait")
			if strings.Contains(err.Error(), ": started") {
				return
			}
		}
		t.Error("the shell never began")
	})
}

// failing renders t.html in dir by a command, which has to fail with a message that holds want.
func failing(t *testing.T, dir string, timeout time.Duration, want string, command ...string) error {
	t.Helper()
	_, err := one(t, dir, Spec{Files: []string{"t.html"}, Timeout: timeout, Command: command})
	var ee *EngineError
	if !errors.As(err, &ee) || !strings.Contains(ee.Message, want) {
		t.Fatalf("%v", err)
	}
	return err
}

// commandEnds calls run with a directory that holds t.html, and wants that whoever has opened the FIFO "pipe" there for writing is no
// more afterwards.
func commandEnds(t *testing.T, run func(dir string)) {
	t.Helper()
	dir := repository(t, map[string]string{"t.html": "x"})
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		f, err := os.Open(pipe)
		if err == nil {
			_, err = io.Copy(io.Discard, f)
			f.Close()
		}
		ended <- err
	}()
	run(dir)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute):
		t.Error("its child lives on")
	}
}

func TestCommandFlood(t *testing.T) {
	yes := needs.Program(t, "yes")
	dir := repository(t, map[string]string{"t.html": "x"})
	units, _ := Units(dir, []Spec{{Files: []string{"t.html"}, Command: []string{yes, "0123456789012345678901234567890123456789012345678901234567890123456789"}}})
	_, err := units[0].Render(context.Background())
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%v", err)
	}
}
