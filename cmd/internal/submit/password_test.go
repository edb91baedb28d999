//go:build unix

package submit_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"postern/cmd/internal/submit"
)

func get(t *testing.T, s submit.Source) (string, string) {
	t.Helper()
	v, err := submit.NewPassword(s).Get(t.Context())
	if err != nil {
		if strings.Contains(err.Error(), "hunter2") || strings.ContainsAny(err.Error(), "\r\n\x1b") {
			t.Errorf("the error is %q", err)
		}
		return v, err.Error()
	}
	return v, ""
}

func TestPasswordFile(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want, bad  string
	}{
		{"line", "hunter2\n", 0o600, "hunter2", ""},
		{"crlf", "hunter2\r\n", 0o600, "hunter2", ""},
		{"bare", "hunter2", 0o400, "hunter2", ""},
		{"spaces", " hunter 2 \n", 0o600, " hunter 2 ", ""},
		{"readable", "hunter2\n", 0o644, "", "mode 0644"},
		{"group", "hunter2\n", 0o640, "", "mode 0640"},
		{"others", "hunter2\n", 0o604, "", "mode 0604"},
		{"executable", "hunter2\n", 0o700, "", "mode 0700"},
		{"empty", "", 0o600, "", "holds none"},
		{"blank", "\n", 0o600, "", "holds none"},
		{"two lines", "hunter2\nmore\n", 0o600, "", "more than one line"},
		{"nul", "hunter2\x00\n", 0o600, "", "NUL"},
		{"large", strings.Repeat("hunter2", 1000), 0o600, "", "larger than a password"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		if v, e := get(t, submit.Source{File: path}); (v != c.want && c.bad == "") || !strings.Contains(e, c.bad) || (e == "") != (c.bad == "") {
			t.Errorf("%s: %q, %q", c.name, v, e)
		}
	}
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, filepath.Join(dir, "missing"), "/dev/zero"} {
		if _, e := get(t, submit.Source{File: path}); e == "" {
			t.Errorf("%s gives a password", path)
		}
	}
	if os.Geteuid() == 0 {
		path := filepath.Join(dir, "line")
		if err := os.Chown(path, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if _, e := get(t, submit.Source{File: path}); !strings.Contains(e, "belongs to uid 12345") {
			t.Errorf("somebody else's file: %q", e)
		}
	}
}

func TestPasswordCommand(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		argv      []string
		want, bad string
	}{
		{[]string{"printf", "%s\n", "hunter2"}, "hunter2", ""},
		{[]string{"sh", "-c", "echo hunter2; echo hunter2 is secret >&2"}, "hunter2", ""},
		{[]string{"sh", "-c", "pwd"}, "", ""},
		{[]string{"printf", "%s", "$HOME; hunter2"}, "$HOME; hunter2", ""}, // no shell
		{[]string{"sh", "-c", "echo hunter2 >&2; echo hunter2; exit 3"}, "", "exit status 3"},
		{[]string{"sh", "-c", "kill -9 $$"}, "", "killed"},
		{[]string{"yes", "hunter2"}, "", "prints more than"},
		{[]string{"true"}, "", "holds none"},
		{[]string{"cat"}, "", "holds none"}, // standard input is empty
		{[]string{"./no-such-program"}, "", "cannot be run"},
	} {
		v, e := get(t, submit.Source{Command: c.argv, Dir: dir})
		if len(c.argv) == 3 && c.argv[2] == "pwd" {
			c.want, _ = filepath.EvalSymlinks(dir)
		}
		if (v != c.want && c.bad == "") || !strings.Contains(e, c.bad) || (e == "") != (c.bad == "") {
			t.Errorf("%q: %q, %q", c.argv, v, e)
		}
	}
	// Whoever cancels gets the program killed, with what it started.
	ctx, cancel := context.WithCancel(t.Context())
	mark := filepath.Join(dir, "started")
	if err := syscall.Mkfifo(mark, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		if f, err := os.OpenFile(mark, os.O_WRONLY, 0); err == nil {
			f.Close()
		}
		cancel()
	}()
	p := submit.NewPassword(submit.Source{Command: []string{"sh", "-c", "read x <started; sleep 1000 & wait"}, Dir: dir})
	if _, err := p.Get(ctx); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

func TestPasswordElsewhere(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"smtp": 0o440, "open": 0o444} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if _, e := get(t, submit.Source{Credential: "smtp"}); !strings.Contains(e, "CREDENTIALS_DIRECTORY is not set") {
		t.Errorf("error %q", e)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	if v, e := get(t, submit.Source{Credential: "smtp"}); v != "hunter2" || e != "" {
		t.Errorf("%q, %q", v, e)
	}
	for name, want := range map[string]string{"open": "read by everybody", "../x": "no name", "..": "no name", "absent": "no such file"} {
		if _, e := get(t, submit.Source{Credential: name}); !strings.Contains(e, want) {
			t.Errorf("%s: %q", name, e)
		}
	}
	t.Setenv("SUBMIT_TEST_SECRET", "hunter2")
	p := submit.NewPassword(submit.Source{Env: "SUBMIT_TEST_SECRET"})
	if v, ok := os.LookupEnv("SUBMIT_TEST_SECRET"); ok {
		t.Errorf("programs that are started inherit %q", v)
	}
	for range 2 {
		if v, err := p.Get(t.Context()); v != "hunter2" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
	}
	if _, e := get(t, submit.Source{Env: "SUBMIT_TEST_ABSENT"}); !strings.Contains(e, "not set") {
		t.Errorf("error %q", e)
	}
	if _, e := get(t, submit.Source{}); !strings.Contains(e, "password_file") {
		t.Errorf("error %q", e)
	}
}
