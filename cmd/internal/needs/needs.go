// Package needs says what a test needs of the machine that it runs on.
//
// On a developer's machine a test that lacks a program is skipped with a reason that begins "skip: needs". With CI=true in
// the environment it fails instead, so that a test that never runs cannot look like one that passes.
package needs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// dirs are searched after PATH: daemons stand where no user's PATH leads.
var dirs = []string{"/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix"}

// Program gives the path of an installed program.
func Program(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, dir := range dirs {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	missing(t, name)
	return ""
}

// Root returns if the test runs as root.
func Root(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, "root")
	}
}

// File gives path back if there is something there.
func File(t testing.TB, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, path)
	}
	return path
}

// NPM gives the directory of a package that .ci/run has npm install: under POSTERN_TEST_NPM, or where .ci/run keeps them.
func NPM(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("POSTERN_TEST_NPM")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(cache, "postern-ci", "npm", "node_modules")
	}
	return File(t, filepath.Join(dir, filepath.FromSlash(name)))
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("needs %s", what)
	}
	t.Skipf("skip: needs %s", what)
}
