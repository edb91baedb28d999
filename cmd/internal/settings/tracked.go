package settings

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// gitTimeout bounds one question to git.
const gitTimeout = 5 * time.Second

// tracked tells whether git tracks the file; false too when there is no git, no repository, or no answer in time. Neither
// the caller's GIT_ variables nor a monitor that the repository configures has a say, and no lock is taken.
func tracked(path string) bool {
	if path == "" {
		return false
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return false
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), gitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, git, "--literal-pathspecs", "--no-optional-locks", "-c", "core.fsmonitor=false",
		"ls-files", "--error-unmatch", "--", filepath.Base(abs))
	cmd.Dir = filepath.Dir(abs)
	cmd.WaitDelay = time.Second
	for _, e := range os.Environ() {
		if !strings.HasPrefix(strings.ToUpper(e), "GIT_") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	return cmd.Run() == nil
}

// worldReadable tells whether every user of the machine can read the file: its own mode and those of all directories above
// it let them.
func worldReadable(path string) bool {
	if runtime.GOOS == "windows" || path == "" {
		return false
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	st, err := os.Stat(abs)
	if err != nil || st.Mode().Perm()&0o004 == 0 {
		return false
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		st, err := os.Stat(dir)
		if err != nil || st.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
