package ledger

import (
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// kinds are the stores that every test of the contract runs on.
var kinds = []string{"sqlite", "postgres", "redis"}

// onEach runs a test on a real store of each kind. open opens it again, as another process would.
func onEach(t *testing.T, test func(t *testing.T, where string, o Options)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			where, keyFile := start(t, kind)
			test(t, where, Options{KeyFile: keyFile, Windows: []time.Duration{time.Minute, time.Hour}, Timeout: time.Minute})
		})
	}
}

func mustOpen(t testing.TB, where string, o Options) Ledger {
	t.Helper()
	l, err := Open(t.Context(), where, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// start starts a store and gives its URL and key file.
func start(t testing.TB, kind string) (where, keyFile string) {
	t.Helper()
	dir := privateDir(t)
	keyFile = filepath.Join(dir, "key")
	switch kind {
	case "redis":
		return startRedis(t, dir), keyFile
	case "postgres":
		return startPostgres(t), keyFile
	}
	return filepath.Join(dir, "ledger.db"), keyFile
}

// privateDir is a directory with a short name, because the path of a Unix socket has at most 107 octets.
func privateDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "postern")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func startRedis(t testing.TB, dir string, settings ...string) string {
	t.Helper()
	socket := filepath.Join(dir, "redis.sock")
	args := append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"}, settings...)
	cmd := exec.Command(needs.Program(t, "redis-server"), args...)
	daemon(t, cmd)
	waitFor(t, "redis", func() error {
		c, err := net.Dial("unix", socket)
		if err == nil {
			err = c.Close()
		}
		return err
	})
	return "unix://" + socket
}

// daemon starts a server and ends it with the test.
func daemon(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	out, err := os.Create(filepath.Join(privateDir(t), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGCONT)
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(out.Name())
			t.Logf("%s:\n%s", cmd.Path, log)
		}
		out.Close()
	})
}

// waitFor asks until a server answers.
func waitFor(t testing.TB, what string, ready func() error) {
	t.Helper()
	var err error
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if err = ready(); err == nil {
			return
		}
	}
	t.Fatalf("%s does not answer: %v", what, err)
}

// shared is the server that most tests use, each with a database of its own: to make one takes long. It ends with the test binary.
var shared struct {
	sync.Once
	where string
	end   func()
	made  int
}

func startPostgres(t testing.TB) string {
	t.Helper()
	shared.Do(func() {
		l := &lasting{TB: t}
		shared.where, _ = postgresServer(l)
		shared.end = l.end
	})
	if shared.where == "" {
		t.Fatal("PostgreSQL did not start")
	}
	db, err := sql.Open("pgx", shared.where)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	shared.made++
	name := fmt.Sprintf("ledger%d", shared.made)
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	return strings.Replace(shared.where, "/postgres?", "/"+name+"?", 1)
}

// lasting is a test whose cleanups come later.
type lasting struct {
	testing.TB
	later []func()
}

func (l *lasting) Cleanup(f func()) { l.later = append(l.later, f) }

func (l *lasting) Failed() bool { return false }

func (l *lasting) end() {
	for _, f := range slices.Backward(l.later) {
		f()
	}
}

// postgresServer starts PostgreSQL on a Unix socket in a directory of its own. It refuses to run as root; then it is nobody's.
func postgresServer(t testing.TB) (where string, cmd *exec.Cmd) {
	t.Helper()
	initdb, server := postgresProgram(t, "initdb"), postgresProgram(t, "postgres")
	dir := privateDir(t)
	as := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		if os.Geteuid() == 0 {
			if err := os.Chown(dir, nobody, nobody); err != nil {
				t.Fatal(err)
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		return cmd
	}
	data := filepath.Join(dir, "data")
	if out, err := as(initdb, "-D", data, "-U", "postern", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	cmd = as(server, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "shared_buffers=16MB", "-c", "max_connections=60")
	daemon(t, cmd)
	where = "postgres://postern@/postgres?" + url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode()
	waitFor(t, "postgres", func() error {
		out, err := exec.Command(postgresProgram(t, "pg_isready"), "-h", dir).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	return where, cmd
}

// nobody is a user without rights on every Unix.
const nobody = 65534

// postgresProgram finds a program of PostgreSQL's, which Debian keeps out of PATH.
func postgresProgram(t testing.TB, name string) string {
	t.Helper()
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name); len(found) > 0 {
		return found[len(found)-1]
	}
	return needs.Program(t, name)
}
