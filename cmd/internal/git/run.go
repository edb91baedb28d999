package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// timeout bounds one question. A listing of a large repository takes a second or two.
const timeout = 60 * time.Second

// maxOutput bounds what git may answer: a million changed files.
const maxOutput = 256 << 20

// Error says why git did not answer.
type Error struct {
	// Message is a sentence without a full stop. It can hold text of git's, and file names.
	Message string
	// Hint says what the user can do, "" when there is nothing to say.
	Hint string
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }

// kept are the variables that git sets for its hooks, and those that say where a repository is that lies elsewhere.
var kept = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR",
	"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM",
}

// environment gives git's environment, made from the process's.
func environment(env []string) []string {
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "GIT_") && !slices.Contains(kept, name) || upper == "LC_ALL" || upper == "LANGUAGE" {
			continue
		}
		out = append(out, e)
	}
	// Messages are compared, so they are in English. No transport is called "none".
	return append(out, "LC_ALL=C", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
}

// command makes a git process.
func command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, &Error{"git was not found", "install git, or check files by their names"}
	}
	all := append([]string{"--no-pager", "--literal-pathspecs", "--no-optional-locks", "--no-replace-objects",
		"-c", "core.fsmonitor=false"}, args...)
	cmd := exec.CommandContext(ctx, path, all...)
	cmd.Env = environment(os.Environ())
	cmd.WaitDelay = 2 * time.Second
	return cmd, nil
}

// ask runs git and gives what it printed. An error is an *Error, or ctx's.
func ask(ctx context.Context, args ...string) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd, err := command(limited, args...)
	if err != nil {
		return nil, err
	}
	out, errs := &bounded{max: maxOutput}, &bounded{max: 16 << 10}
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, &Error{fmt.Sprintf("git %s took longer than %v", args[0], timeout), "run git status to see what keeps it busy"}
	case out.full:
		return nil, &Error{fmt.Sprintf("git %s answered with more than %d octets", args[0], maxOutput), "name fewer paths"}
	case err != nil:
		return nil, failure(args[0], err, errs.Bytes())
	}
	return out.Bytes(), nil
}

// failure makes an error of what git printed on its standard error.
func failure(what string, err error, printed []byte) *Error {
	text := strings.TrimSpace(string(printed))
	first, _, _ := strings.Cut(text, "\n")
	first = strings.TrimPrefix(first, "fatal: ")
	switch {
	case strings.Contains(text, "not a git repository"):
		return &Error{"this is not a git repository", "run it inside a git work tree, or check files by their names"}
	case strings.Contains(text, "dubious ownership"):
		return &Error{"git does not trust this repository, because another user owns it",
			"if you trust it: git config --global --add safe.directory " + directory()}
	case first == "":
		return &Error{fmt.Sprintf("git %s: %v", what, err), ""}
	}
	return &Error{fmt.Sprintf("git %s: %s", what, first), ""}
}

func directory() string {
	if d, err := os.Getwd(); err == nil {
		return d
	}
	return "DIRECTORY"
}

// bounded is a buffer that takes no more than max octets.
type bounded struct {
	bytes.Buffer
	max  int
	full bool
}

// Write refuses what does not fit, which ends the process that writes.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.max {
		b.full = true
		return 0, errors.New("too much output")
	}
	return b.Buffer.Write(p)
}
