package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"postern/cmd/internal/quote"
)

// FileName is the name that is looked for.
const FileName = "postern.yaml"

// maxFile bounds the configuration; a real one has a few kilobytes.
const maxFile = 1 << 20

// systemFile is a variable for the tests only.
var systemFile = "/etc/postern/" + FileName

// variables makes a map of "NAME=value" strings. The first of several wins, as in getenv.
func variables(env []string) map[string]string {
	m := make(map[string]string)
	for _, e := range env {
		k, v, ok := strings.Cut(e, "=")
		if _, seen := m[k]; ok && !seen {
			m[k] = v
		}
	}
	return m
}

// find gives the file to read, "" for none. The order is: the explicit name, POSTERN_CONFIG, upward from start to the root
// of the git work tree, the home directory or the root of the file system, the user's configuration directory, /etc.
func find(start, explicit string, vars map[string]string) (string, *Error) {
	if privileged() {
		return existing(systemFile)
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
	return existing(systemFile)
}

// privileged tells whether the program runs with more rights than its caller (set-uid, set-gid). It must then not let the caller
// choose its policies: neither a named file, nor the working directory, nor the environment counts.
func privileged() bool { return os.Geteuid() != os.Getuid() || os.Getegid() != os.Getgid() }

func upward(start, home string) (string, *Error) {
	if start == "" || start == "-" {
		start = "."
	}
	dir, err := filepath.Abs(start)
	if err != nil {
		return "", &Error{File: start, Message: "cannot be made absolute: " + quote.Text(err.Error()), Remedy: "name the configuration with --config"}
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		dir = filepath.Dir(dir)
	}
	if home != "" {
		home = filepath.Clean(home)
	}
	for {
		if f, bad := existing(filepath.Join(dir, FileName)); f != "" || bad != nil {
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
func existing(path string) (string, *Error) {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return path, nil
	case errors.Is(err, fs.ErrPermission):
		return "", unreadable(path, err)
	case !errors.Is(err, fs.ErrNotExist):
		return "", nil // such as a file where a directory was looked for
	}
	for _, near := range []string{"postern.yml", ".postern.yaml", ".postern.yml"} {
		alt := filepath.Join(filepath.Dir(path), near)
		if st, err := os.Lstat(alt); err == nil && st.Mode().IsRegular() {
			return "", &Error{File: alt, Message: "is not read under this name", Remedy: "rename it to " + FileName}
		}
	}
	return "", nil
}

func unreadable(path string, err error) *Error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	e := &Error{File: path, Message: "cannot be read: " + quote.Text(err.Error()), Remedy: "check its name and permissions"}
	if errors.Is(err, fs.ErrNotExist) {
		e.Message, e.Remedy = "does not exist", "run postern init to write one"
	}
	return e
}

// ReadFile reads a regular file of at most 1 MiB, without waiting for a writer when the name is a named pipe. An error is of
// type *Error and names the file.
func ReadFile(path string) ([]byte, error) {
	data, bad := readFile(path)
	if bad != nil {
		return nil, bad
	}
	return data, nil
}

// readFile reads a regular file of at most maxFile octets. It does not wait for a writer when the name is a named pipe.
func readFile(path string) ([]byte, *Error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !st.Mode().IsRegular() {
		return nil, &Error{File: path, Message: "is not a regular file", Remedy: "name a file, not a directory, device or pipe"}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > maxFile {
		return nil, &Error{File: path, Message: fmt.Sprintf("is larger than %d octets", maxFile), Remedy: "a configuration has a few kilobytes; check the name"}
	}
	return data, nil
}
