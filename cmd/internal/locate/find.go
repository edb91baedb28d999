// Package locate finds postern.yaml and the policies that it names, and reads files of the configuration. It knows nothing of what is in
// them: the front of sendmail, which must not take the time to read YAML, looks here for the same files as package config.
package locate

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"postern/cmd/internal/quote"
)

// Problem is why a file is of no use.
type Problem struct {
	File string
	// Message says what is wrong, Remedy what to do about it. Both are safe to print.
	Message, Remedy string
}

// FileName is the name that is looked for.
const FileName = "postern.yaml"

// MaxFile bounds a file of the configuration, in octets; a real one has a few kilobytes.
const MaxFile = 1 << 20

// SystemFile is a variable for the tests only.
var SystemFile = "/etc/postern/" + FileName

// Variables makes a map of "NAME=value" strings, of some names only if any are given. The first of several wins, as in getenv.
func Variables(env []string, names ...string) map[string]string {
	m := make(map[string]string, len(names))
	for _, e := range env {
		k, v, ok := strings.Cut(e, "=")
		if !ok || len(names) > 0 && !slices.Contains(names, k) {
			continue
		}
		if _, seen := m[k]; !seen {
			m[k] = v
		}
	}
	return m
}

// Find gives the file to read, "" for none. The order is: the explicit name, POSTERN_CONFIG, upward from start to the root
// of the git work tree, the home directory or the root of the file system, the user's configuration directory, /etc.
func Find(start, explicit string, vars map[string]string) (string, *Problem) {
	if Privileged() {
		return existing(SystemFile)
	}
	if explicit != "" {
		return explicit, nil
	}
	if f := vars["POSTERN_CONFIG"]; f != "" {
		return f, nil
	}
	if f, bad := upward(start, vars["HOME"]); f != "" || bad != nil {
		return f, bad
	}
	dir := vars["XDG_CONFIG_HOME"]
	// The XDG base directory specification has relative paths ignored.
	if !filepath.IsAbs(dir) && vars["HOME"] != "" {
		dir = filepath.Join(vars["HOME"], ".config")
	}
	if filepath.IsAbs(dir) {
		if f, bad := existing(filepath.Join(dir, "postern", FileName)); f != "" || bad != nil {
			return f, bad
		}
	}
	return existing(SystemFile)
}

// Privileged tells whether the program runs with more rights than its caller (set-uid, set-gid). It must then not let the caller
// choose its policies: neither a named file, nor the working directory, nor the environment counts.
func Privileged() bool { return os.Geteuid() != os.Getuid() || os.Getegid() != os.Getgid() }

// upward finds the file in a directory or in one above it. In one such as /tmp anybody can put a file of that name: one that belongs to
// neither the user nor root nor the owner of the directory is a problem.
func upward(start, home string) (string, *Problem) {
	if start == "" || start == "-" {
		start = "."
	}
	dir, err := filepath.Abs(start)
	if err != nil {
		return "", &Problem{File: start, Message: "cannot be made absolute: " + quote.Text(err.Error()), Remedy: "name the configuration with --config"}
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		dir = filepath.Dir(dir)
	}
	if home != "" {
		home = filepath.Clean(home)
	}
	from := dir
	for {
		f, bad := existing(filepath.Join(dir, FileName))
		if f != "" && strange(f, from) {
			bad = &Problem{File: f, Message: "belongs to another user, who does not own " + quote.Text(from) + " either",
				Remedy: "what it says decides what passes, and can start programs: if you trust it, name it with --config"}
		}
		if f != "" || bad != nil {
			return f, bad
		}
		// In a linked work tree or a submodule .git is a file.
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return "", nil
		}
		up := filepath.Dir(dir)
		if up == dir || dir == home {
			return "", nil
		}
		dir = up
	}
}

// existing gives path if something of that name is there. A name that is nearly right is an error, because to go on without
// it would be to judge without the account that the user has written down.
func existing(path string) (string, *Problem) {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return path, nil
	case errors.Is(err, fs.ErrPermission):
		return "", Unreadable(path, err)
	case !errors.Is(err, fs.ErrNotExist):
		return "", nil // such as a file where a directory was looked for
	}
	for _, near := range []string{"postern.yml", ".postern.yaml", ".postern.yml"} {
		alt := filepath.Join(filepath.Dir(path), near)
		if st, err := os.Lstat(alt); err == nil && st.Mode().IsRegular() {
			return "", &Problem{File: alt, Message: "is not read under this name", Remedy: "rename it to " + FileName}
		}
	}
	return "", nil
}

// Unreadable says why a file cannot be read.
func Unreadable(path string, err error) *Problem {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	e := &Problem{File: path, Message: "cannot be read: " + quote.Text(err.Error()), Remedy: "check its name and permissions"}
	if errors.Is(err, fs.ErrNotExist) {
		e.Message, e.Remedy = "does not exist", "run postern init to write one"
	}
	return e
}

// ReadFile reads a regular file of at most 1 MiB. It does not wait for a writer when the name is a named pipe.
func ReadFile(path string) ([]byte, *Problem) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, Unreadable(path, err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, Unreadable(path, err)
	}
	if !st.Mode().IsRegular() {
		return nil, &Problem{File: path, Message: "is not a regular file", Remedy: "name a file, not a directory, device or pipe"}
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, Unreadable(path, err)
	}
	if len(data) > MaxFile {
		return nil, &Problem{File: path, Message: fmt.Sprintf("is larger than %d octets", MaxFile), Remedy: "a configuration has a few kilobytes; check the name"}
	}
	return data, nil
}

// Path gives a path that stands in a file of that directory as the system takes it: relative ones start there, and ~/ is the
// home directory.
func Path(dir, p string) string {
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(dir, p)
}
