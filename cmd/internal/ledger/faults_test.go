package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// failing wants an error that says what is wrong and what to do.
func failing(t *testing.T, err error, want string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; want one with a hint that says %q", err, want)
	}
}

func TestLockedFile(t *testing.T) {
	file := filepath.Join(privateDir(t), "ledger.db")
	l := mustOpen(t, file, Options{Windows: []time.Duration{time.Hour}, Timeout: 200 * time.Millisecond})
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Reserve(t.Context(), letter(1))
	failing(t, err, "")
	tx.Rollback()
	if r, err := l.Reserve(t.Context(), letter(1)); err != nil || r.History.Windows[0].Account.Messages != 1 {
		t.Errorf("after the lock: %+v, %v", r.History, err)
	}
}

// Damage anywhere in the file is found by Verify, and never makes a history that is wrong without an error.
func TestCorruptFile(t *testing.T) {
	dir := privateDir(t)
	file := filepath.Join(dir, "ledger.db")
	o := Options{Windows: []time.Duration{time.Hour}}
	l, err := Open(t.Context(), file, o)
	if err != nil {
		t.Fatal(err)
	}
	const messages = 200
	for i := range messages {
		if _, err := l.Reserve(t.Context(), letter(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil { // the log goes into the file
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	pages := len(whole) / 4096
	for page := range pages {
		spoilt := bytes.Clone(whole)
		for i := range 512 {
			spoilt[page*4096+i] ^= 0xa5
		}
		if err := os.WriteFile(file, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		os.Remove(file + "-wal")
		os.Remove(file + "-shm")
		l, err := Open(t.Context(), file, o)
		if err != nil {
			found++
			continue
		}
		_, verified := l.Verify(t.Context())
		if verified != nil {
			found++
			var e *Error
			if !errors.As(verified, &e) || e.Hint == "" {
				t.Errorf("page %d: %v has no hint", page, verified)
			}
		} else {
			t.Errorf("page %d is damaged, and Verify finds nothing", page)
		}
		l.Close()
	}
	if found == 0 {
		t.Error("no damage was found")
	}
}

// A directory that cannot be written to is an error with a remedy, before there is a ledger and after. Root can write everywhere, so
// another process asks as somebody else.
func TestReadOnlyDirectory(t *testing.T) {
	dir := privateDir(t)
	program := filepath.Join(privateDir(t), "test")
	raw, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(program, raw, 0o755), os.Chmod(filepath.Dir(program), 0o755)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"without a ledger", "with a ledger"} {
		file := filepath.Join(dir, "ledger.db")
		if name == "with a ledger" {
			os.Chmod(dir, 0o700)
			os.Chown(dir, os.Geteuid(), os.Getegid())
			l, err := Open(t.Context(), file, Options{KeyFile: file + ".key"})
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
		}
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), "POSTERN_LEDGER_CHILD=crash", "POSTERN_LEDGER_URL="+file, "POSTERN_LEDGER_KEY="+file+".key")
		cmd.Stdin = strings.NewReader("commit\n")
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			for _, f := range []string{dir, file, file + ".key"} {
				os.Chown(f, nobody, nobody)
			}
		}
		os.Chmod(dir, 0o500)
		var says strings.Builder
		cmd.Stderr, cmd.Stdout = &says, &says
		if err := cmd.Run(); err == nil || !strings.Contains(says.String(), "permission denied") && !strings.Contains(says.String(), "cannot be written") {
			t.Errorf("%s: %v\n%s", name, err, says.String())
		}
	}
}

func TestServerAway(t *testing.T) {
	where, server := postgresServer(t)
	keyFile := filepath.Join(privateDir(t), "key")
	o := Options{KeyFile: keyFile, Windows: []time.Duration{time.Hour}, Timeout: 10 * time.Second}
	l := mustOpen(t, where, o)
	r, err := l.Reserve(t.Context(), letter(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	t.Run("stopped", func(t *testing.T) {
		server.Process.Signal(syscall.SIGSTOP)
		defer server.Process.Signal(syscall.SIGCONT)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		// A new connection: the backend of an old one is another process, which still answers.
		_, err := Open(ctx, where, o)
		failing(t, err, "")
	})
	server.Process.Signal(syscall.SIGQUIT) // immediate shutdown: PostgreSQL's crash
	server.Wait()
	_, err = l.Reserve(t.Context(), letter(2))
	failing(t, err, "")
	_, err = Open(t.Context(), where, o)
	failing(t, err, "cannot be reached")
}

func TestRedisAway(t *testing.T) {
	dir := privateDir(t)
	o := Options{KeyFile: filepath.Join(dir, "key"), Windows: []time.Duration{time.Hour}, Timeout: time.Second}
	t.Run("gone", func(t *testing.T) {
		where := ""
		var l Ledger
		t.Run("while it runs", func(t *testing.T) {
			where = startRedis(t, privateDir(t))
			var err error
			if l, err = Open(t.Context(), where, o); err != nil {
				t.Fatal(err)
			}
			if len(l.Warnings()) != 0 {
				t.Errorf("warnings: %q", l.Warnings())
			}
		})
		defer l.Close()
		_, err := l.Reserve(t.Context(), letter(1))
		failing(t, err, "")
	})
	t.Run("evicting", func(t *testing.T) {
		_, err := Open(t.Context(), startRedis(t, privateDir(t), "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"), o)
		failing(t, err, "maxmemory-policy allkeys-lru")
	})
	t.Run("without a log", func(t *testing.T) {
		l := mustOpen(t, startRedis(t, privateDir(t), "--appendonly", "no"), o)
		if w := l.Warnings(); len(w) != 1 || !strings.Contains(w[0], "append-only") {
			t.Errorf("warnings: %q", w)
		}
	})
	t.Run("full", func(t *testing.T) {
		l := mustOpen(t, startRedis(t, privateDir(t)), o)
		s := l.(*opened).store.(*redisStore)
		if err := s.client.ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
			t.Fatal(err)
		}
		_, err := l.Reserve(t.Context(), letter(1))
		failing(t, err, "memory of Redis is full")
	})
	t.Run("password", func(t *testing.T) {
		where := startRedis(t, privateDir(t), "--requirepass", "right")
		file := filepath.Join(dir, "password")
		if err := os.WriteFile(file, []byte("right\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), where, o)
		failing(t, err, "Redis refuses")
		with := o
		with.PasswordFile = file
		mustOpen(t, where, with)
		os.Chmod(file, 0o644)
		_, err = Open(t.Context(), where, with)
		failing(t, err, "other users")
	})
}
