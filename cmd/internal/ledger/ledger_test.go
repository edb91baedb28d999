package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func letter(i int) Entry {
	return Entry{Account: "alice", Sender: "uid:1000", Recipients: []string{fmt.Sprintf("r%d@example.org", i)}, Octets: 100}
}

func TestReserveCountsItself(t *testing.T) {
	onEach(t, func(t *testing.T, where string, o Options) {
		l := mustOpen(t, where, o)
		first, err := l.Reserve(t.Context(), letter(1))
		if err != nil {
			t.Fatal(err)
		}
		if h := first.History; h.SinceLastMS != nil || len(h.Windows) != 2 || h.Windows[0].Seconds != 60 || h.Windows[1].Seconds != 3600 {
			t.Fatalf("%+v", h)
		}
		if c := first.History.Windows[0].Account; c.Messages != 1 || c.Recipients != 1 || c.Addresses != 1 || c.Octets != 100 || len(c.Later) != 0 {
			t.Errorf("first: %+v", c)
		}
		// Another process, another sender of the same account.
		other := mustOpen(t, where, o)
		e := letter(1)
		e.Sender, e.Recipients = "bob@example.com", []string{"R1@example.org", "r2@example.org", "r2@EXAMPLE.org"}
		second, err := other.Reserve(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		w := second.History.Windows[0]
		if c := w.Account; c.Messages != 2 || c.Recipients != 3 || c.Addresses != 2 || c.Octets != 200 {
			t.Errorf("account: %+v", c)
		}
		if c := w.Sender; c.Messages != 1 || c.Addresses != 2 {
			t.Errorf("sender: %+v", c)
		}
		if second.History.SinceLastMS == nil || *second.History.SinceLastMS < 0 || *second.History.SinceLastMS > 60_000 {
			t.Errorf("since last: %v", second.History.SinceLastMS)
		}
		if c := w.Account; len(c.Later) != 1 || c.Later[0].Messages != 1 || c.Later[0].Addresses != 2 || c.Later[0].Seconds < 1 || c.Later[0].Seconds > 60 {
			t.Errorf("later: %+v", c.Later)
		}
		if err := l.Commit(t.Context(), first.ID); err != nil {
			t.Error(err)
		}
		if err := l.Commit(t.Context(), first.ID); err != nil {
			t.Error("a second commit:", err)
		}
		if err := other.Release(t.Context(), second.ID); err != nil {
			t.Error(err)
		}
		if err := other.Release(t.Context(), second.ID); err != nil {
			t.Error("a second release:", err)
		}
		if err := other.Commit(t.Context(), second.ID); !errors.Is(err, ErrEnded) {
			t.Error("commit after release:", err)
		}
		h, err := l.History(t.Context(), letter(3))
		if err != nil || h.Windows[0].Account.Messages != 2 {
			t.Errorf("%+v, %v", h, err)
		}
		list, err := l.Accounts(t.Context(), 0)
		if err != nil || len(list) != 1 || list[0].Messages != 1 || list[0].Sender != "uid:1000" || list[0].Reserved != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		if n, err := l.Verify(t.Context()); n != 1 || err != nil {
			t.Errorf("verify: %d, %v", n, err)
		}
		b, err := l.Snapshot(t.Context(), "alice")
		if err != nil || b.History(letter(3)).Windows[0].Account.Messages != 2 {
			t.Errorf("snapshot: %v", err)
		}
		// Another account sees nothing of it.
		e = letter(9)
		e.Account = "carol"
		if r, err := l.Reserve(t.Context(), e); err != nil || r.History.Windows[1].Account.Messages != 1 {
			t.Errorf("carol: %+v, %v", r, err)
		}
	})
}

func TestLeaseEnds(t *testing.T) {
	onEach(t, func(t *testing.T, where string, o Options) {
		o.Lease = time.Millisecond
		l := mustOpen(t, where, o)
		r, err := l.Reserve(t.Context(), letter(1))
		if err != nil {
			t.Fatal(err)
		}
		// The lease is over when a history no longer counts it, by the store's clock.
		waitFor(t, "the end of the lease", func() error {
			h, err := l.History(t.Context(), letter(2))
			if err == nil && h.Windows[1].Account.Messages != 1 {
				err = fmt.Errorf("%+v", h.Windows[1].Account)
			}
			return err
		})
		if err := l.Commit(t.Context(), r.ID); !errors.Is(err, ErrEnded) {
			t.Error("commit after the lease:", err)
		}
		if _, err := l.Prune(t.Context(), 0); err != nil {
			t.Error(err)
		}
	})
}

// A grep of the store finds no address, and nobody else can read the files.
func TestNoAddressInClear(t *testing.T) {
	dir := privateDir(t)
	file := filepath.Join(dir, "ledger.db")
	l := mustOpen(t, file, Options{Windows: []time.Duration{time.Hour}})
	for i := range 20 {
		e := letter(i)
		e.Sender, e.Account = "secret.sender@example.com", "secret.account@example.com"
		e.Recipients = append(e.Recipients, "secret.recipient@example.net")
		r, err := l.Reserve(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Commit(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 3 {
		t.Fatal("the ledger, its log and its key are not there", files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, clear := range []string{"secret", "example"} {
			if strings.Contains(strings.ToLower(string(raw)), clear) {
				t.Errorf("%s holds %q", f.Name(), clear)
			}
		}
		if info, _ := f.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", f.Name(), info.Mode().Perm())
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := privateDir(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, mode os.FileMode, text string) string {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(in(name), mode); err != nil {
			t.Fatal(err)
		}
		return in(name)
	}
	write("readable.db", 0o644, "")
	write("text.db", 0o600, strings.Repeat("this is no database ", 100))
	os.Symlink(in("elsewhere.db"), in("link.db"))
	os.Mkdir(in("open"), 0o700)
	os.Chmod(in("open"), 0o777)
	write("short.key", 0o600, "AAAA")
	if l, err := Open(t.Context(), in("good.db"), Options{}); err != nil {
		t.Fatal(err)
	} else {
		l.Close()
	}
	password := write("password", 0o600, "secret\n")
	remote := Options{KeyFile: in("good.db.key"), PasswordFile: password}
	for _, c := range []struct {
		where string
		o     Options
		want  string
	}{
		{"", Options{}, "no place"},
		{"mysql://localhost/x", Options{}, "no kind of ledger"},
		{":memory:", Options{}, "is no file"},
		{in("readable.db"), Options{}, "can be read or written by other users"},
		{in("text.db"), Options{}, "damaged"},
		{in("link.db"), Options{}, "no regular file"},
		{in("open/ledger.db"), Options{}, "other users can write into"},
		{in("missing/ledger.db"), Options{}, "no such file"},
		{in("none.db"), Options{ReadOnly: true}, "there is no ledger"},
		{in("good.db"), Options{KeyFile: in("short.key")}, "is no key"},
		{in("good.db"), Options{KeyFile: in("other.key")}, "not the one that the ledger was made with"},
		{in("good.db"), Options{Windows: []time.Duration{time.Millisecond}}, "is not between"},
		{"redis://:secret@127.0.0.1:1/0", Options{}, "holds a password"},
		{"postgres://u:secret@127.0.0.1:1/x", Options{}, "holds a password"},
		{"postgres://u@127.0.0.1:1/x?password=secret", Options{}, "holds a password"},
		{"redis://127.0.0.1:1/0", Options{}, "needs a key file"},
		{"redis://db.example.com:6379/0", remote, "without encryption"},
		{"postgres://u@db.example.com/x", remote, "without encryption"},
		{"postgres://u@db.example.com/x?sslmode=prefer", remote, "without encryption"},
		{"redis://127.0.0.1:1/0", remote, "cannot be reached"},
		{"postgres://u@127.0.0.1:1/x", remote, "cannot be reached"},
		{"redis://127.0.0.1:1/0", Options{KeyFile: in("good.db.key")}, "cannot be reached"},
		{"postgres://u@127.0.0.1:1/x", Options{KeyFile: in("good.db.key")}, "cannot be reached"},
	} {
		c.o.Timeout = 5 * time.Second
		l, err := Open(t.Context(), c.where, c.o)
		if err == nil {
			l.Close()
			t.Errorf("%s %+v: opened", c.where, c.o)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v; want %q", c.where, err, c.want)
		}
	}
}
