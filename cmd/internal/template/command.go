package template

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"postern/cmd/internal/child"
	"postern/cmd/internal/quote"
	"postern/rules/pattern"
)

const (
	commandTime = 30 * time.Second
	maxStderr   = 4 << 10
)

// command runs the program that renders a template. In its arguments {file} and {data} are the paths of the template and
// of the sample, {out} that of a file which is read in place of standard output. There is no shell. The program runs in the
// root with PATH, HOME and LANG; when time is up it is killed with all processes that it started, where the system has
// process groups.
func (u *Unit) command(ctx context.Context, t *tree, data map[string]any) ([]byte, error) {
	fail := func(format string, args ...any) error {
		return &EngineError{File: u.Template, Engine: "command", Message: fmt.Sprintf(format, args...)}
	}
	dir, err := os.MkdirTemp("", "postern-")
	if err != nil {
		return nil, fail("%s", err)
	}
	defer os.RemoveAll(dir)
	root, err := filepath.Abs(t.dir)
	if err != nil {
		return nil, fail("%s", err)
	}
	sample := filepath.Join(root, filepath.FromSlash(u.Data))
	if u.Data == "" {
		sample = filepath.Join(dir, "data.json")
		if err := os.WriteFile(sample, []byte("{}\n"), 0o600); err != nil {
			return nil, fail("%s", err)
		}
	}
	out := filepath.Join(dir, "out")
	fill := strings.NewReplacer("{file}", filepath.Join(root, filepath.FromSlash(u.Template)), "{data}", sample, "{out}", out)
	argv := make([]string, len(u.spec.Command))
	reads := false
	for i, a := range u.spec.Command {
		argv[i] = fill.Replace(a)
		reads = reads || strings.Contains(a, "{out}")
	}
	limit := u.spec.Timeout
	if limit <= 0 {
		limit = commandTime
	}
	var stderr tail
	program := child.Command{Argv: argv, Dir: root, Env: minimalEnv(), Stderr: &stderr, Time: limit, MaxOutput: maxMessageBytes}
	stdout, err := program.Output(ctx)
	name := quote.Short(path.Base(filepath.ToSlash(argv[0])), 100)
	switch {
	case errors.Is(err, child.ErrLarge):
		return nil, fail("%s: %s", name, errLarge)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return nil, fail("%s: killed after %s%s", name, limit, stderr.shown())
	case err != nil:
		e := &EngineError{File: u.Template, Engine: "command", Message: fmt.Sprintf("%s: %s%s", name, commandFault(err), stderr.shown())}
		e.Line = namedLine(stderr.String(), path.Base(u.Template))
		return nil, e
	}
	if !reads {
		return stdout, nil
	}
	// Before opening: opening a pipe would wait for its writer, and a link could lead to anything.
	info, err := os.Lstat(out)
	if err != nil {
		return nil, fail("%s: wrote no file to {out}%s", name, stderr.shown())
	}
	if !info.Mode().IsRegular() {
		return nil, fail("%s: made no regular file of {out}%s", name, stderr.shown())
	}
	f, err := os.Open(out)
	if err != nil {
		return nil, fail("%s: %s", name, pathless(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxMessageBytes+1))
	if err != nil {
		return nil, fail("%s: %s", name, err)
	}
	if len(b) > maxMessageBytes {
		return nil, fail("%s: %s", name, errLarge)
	}
	return b, nil
}

func commandFault(err error) string {
	var ee *exec.Error
	if errors.As(err, &ee) {
		return ee.Err.Error()
	}
	return err.Error()
}

// minimalEnv is what programs need to find files; anything else could hold secrets.
func minimalEnv() []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "LANG", "SystemRoot"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// tail keeps the last octets written.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if n := len(t.b) - maxStderr; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }

// shown is the text for a message, quoted, with line ends shown as " | ".
func (t *tail) shown() string {
	var lines []string
	for l := range strings.Lines(t.String()) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, quote.Text(l))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return ": " + strings.Join(lines, " | ")
}

var lineWord = pattern.Of(`(?i)\bline:? (\d{1,7})\b`)

// namedLine finds the line that a program's error text names: "file:12", or "line 12".
func namedLine(text, base string) int64 {
	at := regexp.MustCompile(regexp.QuoteMeta(base) + `[:(](\d{1,7})\b`)
	m := at.FindStringSubmatch(text)
	if m == nil {
		m = lineWord().FindStringSubmatch(text)
	}
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n
}
