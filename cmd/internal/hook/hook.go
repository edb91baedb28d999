// Package hook puts postern into git's hooks, and takes it out again. A hook that was there before is never lost: it is kept
// beside the new one as NAME.local, runs first, and comes back when the new one goes.
package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The hooks that postern can be (githooks(5)).
const (
	PreCommit         = "pre-commit"
	SendemailValidate = "sendemail-validate"
)

// mark is in every hook that this package has written.
const mark = "# postern hook:"

// ErrForeign tells that another hook is in the place.
var ErrForeign = errors.New("there is another hook already")

// Script is the text of a hook that runs program.
func Script(name, program string) string {
	run := `exec "$postern" sendemail-validate "$@"`
	around := "git send-email --no-validate"
	if name == PreCommit {
		around = "git commit --no-verify"
		run = "set -- check --staged\n" +
			"[ ! -e .postern-baseline.json ] || set -- \"$@\" --baseline .postern-baseline.json\n" +
			`exec "$postern" "$@"`
	}
	return strings.NewReplacer("PROGRAM", quoted(program), "AROUND", around, "RUN", run).Replace(`#!/bin/sh
` + mark + ` "postern hook install" wrote it, "postern hook uninstall" takes it away
if [ -x "$0.local" ]; then
	"$0.local" "$@" || exit
fi
postern=PROGRAM
[ -x "$postern" ] || postern=$(command -v postern) || {
	echo "postern: the hook does not find the program postern" >&2
	echo "postern: hint: install it and run postern hook install again; AROUND does without it this time" >&2
	exit 1
}
RUN
`)
}

// quoted is a word of the shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Install writes the hook name into the directory dir. Without force it gives ErrForeign if another is there; with force it
// keeps that one, and saved is then its new name.
func Install(dir, name, program string, force bool) (saved string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	there, own, err := look(path)
	if err != nil {
		return "", err
	}
	if there && !own {
		if !force {
			return "", ErrForeign
		}
		saved = path + ".local"
		if _, err := os.Lstat(saved); err == nil {
			return "", fmt.Errorf("%s is there already, and would be lost", saved)
		}
		if err := os.Rename(path, saved); err != nil {
			return "", err
		}
	}
	if err := write(path, Script(name, program)); err != nil {
		if saved != "" {
			err = errors.Join(err, os.Rename(saved, path))
		}
		return "", err
	}
	return saved, nil
}

// Uninstall removes the hook name from dir if it is postern's; removed tells whether it was there. The hook that it had
// replaced comes back, and restored tells that. A foreign hook is left alone, with ErrForeign.
func Uninstall(dir, name string) (removed, restored bool, err error) {
	path := filepath.Join(dir, name)
	there, own, err := look(path)
	switch {
	case err != nil:
		return false, false, err
	case !there:
		return false, false, nil
	case !own:
		return false, false, ErrForeign
	}
	if _, err := os.Lstat(path + ".local"); err == nil {
		return true, true, os.Rename(path+".local", path)
	}
	return true, false, os.Remove(path)
}

// look tells whether a hook is at path, and whether it is postern's. A link is never ours.
func look(path string) (there, own bool, err error) {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, false, nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return true, false, err
	}
	f, err := os.Open(path)
	if err != nil {
		return true, false, err
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := f.Read(head)
	return true, bytes.Contains(head[:n], []byte("\n"+mark)), nil
}

// write makes an executable file, whole or not at all.
func write(path, text string) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".postern-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(text)
	if err := errors.Join(err, tmp.Chmod(0o755), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
