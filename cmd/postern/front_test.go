//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/front"
	"postern/cmd/internal/needs"
)

// way is how a message goes to the real sendmail: by the whole program, or through the front, which finds no entry (cold) or a valid
// one (warm), or through one that counts messages itself, with a valid entry.
type way string

const (
	whole    way = "whole"
	cold     way = "front, cold"
	warm     way = "front, warm"
	counting way = "front that counts"
)

// eachWay runs a test through the whole program and through the front. The front is built without the race detector, which sees nothing
// of it.
func eachWay(t *testing.T, test func(*testing.T, way)) {
	ways := []way{whole, cold, warm}
	if needs.UnderRace {
		ways = ways[:1]
	}
	for _, w := range ways {
		t.Run(string(w), func(t *testing.T) { test(t, w) })
	}
}

// eachCountingWay runs a test of a ledger.
func eachCountingWay(t *testing.T, test func(*testing.T, way)) {
	eachWay(t, test)
	if needs.UnderRace {
		return
	}
	t.Run(string(counting), func(t *testing.T) { test(t, counting) })
}

// frontCache names the directory that the program under test takes for that of root's entries.
const frontCache = "FRONT_TEST_CACHE"

// frontForTests makes the program under test that which has built the front.
func frontForTests() {
	front.Stamp = "test"
	if dir := os.Getenv(frontCache); dir != "" {
		cache.SystemDir = dir
	}
}

// frontTests removes what the tests have built.
type frontTests struct{ *testing.M }

func (m frontTests) Run() int {
	defer func() {
		if frontBuilt {
			os.RemoveAll(filepath.Dir(frontDir()))
		}
	}()
	frontForTests()
	return ownCache(m.M.Run)
}

// ownCache runs all tests with a cache of their own, so that only the first run with its options compiles the policies, and what the user
// has is neither used nor changed. What tests need of the Go compiler and of npm stays where it is.
func ownCache(run func() int) int {
	dir, err := os.MkdirTemp("", "postern-cache-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if own, err := os.UserCacheDir(); err == nil {
		for name, kept := range map[string]string{"GOCACHE": "go-build", "POSTERN_TEST_NPM": "postern-ci/npm/node_modules"} {
			if os.Getenv(name) == "" {
				os.Setenv(name, filepath.Join(own, kept))
			}
		}
	}
	os.Setenv("XDG_CACHE_HOME", dir)
	return run()
}

var (
	frontBuilt bool
	frontDir   = sync.OnceValue(func() string {
		dir, err := os.MkdirTemp("", "postern-front-*")
		if err != nil {
			panic(err)
		}
		frontBuilt = true
		dir = filepath.Join(dir, "cache")
		if err := os.Mkdir(dir, 0o755); err != nil {
			panic(err)
		}
		os.Chmod(filepath.Dir(dir), 0o755)
		return dir
	})
	buildFront         = sync.OnceValues(func() (string, error) { return build("postern-sendmail") })
	buildCountingFront = sync.OnceValues(func() (string, error) { return build("postern-sendmail-ledger", "-tags", "ledger") })
)

func build(name string, more ...string) (string, error) {
	program := filepath.Join(filepath.Dir(frontDir()), name)
	cmd := exec.Command("go", append(append([]string{"build"}, more...), "-o", program, "-ldflags",
		"-X postern/cmd/internal/front.Stamp=test -X postern/cmd/internal/cache.SystemDir="+frontDir(), "../postern-sendmail")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		os.Stderr.Write(out)
	}
	return program, err
}

// install puts the front under the name sendmail beside the whole program.
func (s *sendmailTest) install() {
	s.t.Helper()
	program, err := buildFront()
	if s.way == counting {
		program, err = buildCountingFront()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		s.t.Fatal(err)
	}
	os.Remove(s.sendmail)
	if err := os.Link(program, s.sendmail); err != nil {
		if err := os.WriteFile(s.sendmail, text, 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
}

// other is the whole program under the name sendmail where s.sendmail is the front.
func (s *sendmailTest) other() string {
	s.t.Helper()
	name := filepath.Join(s.dir, "whole", "sendmail")
	if _, err := os.Lstat(name); err == nil {
		return name
	}
	own, err := os.Executable()
	if err == nil {
		err = os.Mkdir(filepath.Dir(name), 0o755)
	}
	if err == nil {
		err = os.Symlink(own, name)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return name
}

// warm writes the entry of the configuration as it is now, if it can be used.
func (s *sendmailTest) warm() {
	s.t.Helper()
	s.command(filepath.Join(s.dir, "postern"), "", "policy", "cache", "--config", filepath.Join(s.dir, "postern.yaml"))
}
