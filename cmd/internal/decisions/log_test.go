//go:build unix

package decisions

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func read(t *testing.T, name string, f Filter) (list []Entry, damaged int) {
	t.Helper()
	damaged, err := Read(name, name+".key", f, func(e *Entry) error { list = append(list, *e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list, damaged
}

// Many programs write at once, the first makes the key, no line is lost, and each can be found by what one knows of it.
func TestManyWriters(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	const writers, lines = 20, 15
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			l, err := Open(name, name+".key", false)
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Close()
			for i := range lines {
				e := Entry{Time: time.Unix(int64(w*lines+i), 0).UTC(), Verdict: "pass", Message: fmt.Sprintf("%02x%02x", w, i), Rules: []string{fmt.Sprintf("x.r%d", i)}}
				if err := l.Write(e, fmt.Sprintf("s%d@example.com", w), []string{"Bob@example.net", fmt.Sprintf("r%d@example.net", i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	all, damaged := read(t, name, Filter{})
	if len(all) != writers*lines || damaged > 0 {
		t.Fatalf("%d entries, %d damaged", len(all), damaged)
	}
	for want, f := range map[int]Filter{
		writers * lines: {Address: "bob@EXAMPLE.net"},
		lines:           {Address: "s7@example.com"},
		writers:         {Rule: "x.r3"},
		1:               {Message: "0503"},
		0:               {Verdict: "fail"},
		10:              {Since: time.Unix(290, 0)},
		11:              {Until: time.Unix(10, 0)},
	} {
		if got, _ := read(t, name, f); len(got) != want {
			t.Errorf("%+v: %d, want %d", f, len(got), want)
		}
	}
	b, err := os.ReadFile(name)
	if err != nil || strings.Contains(string(b), "@") {
		t.Errorf("an address can be read: %v", err)
	}
	for _, n := range []string{name, name + ".key"} {
		if st, err := os.Stat(n); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", n, st.Mode(), err)
		}
	}
}

// A line that was cut short spoils no other.
func TestCutLine(t *testing.T) {
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, []byte(`{"verdict":"pass","ru`), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(name, "", true)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Write(Entry{Verdict: "fail"}, "", []string{"bob@example.net"}); err != nil {
		t.Fatal(err)
	}
	all, damaged := read(t, name, Filter{})
	if len(all) != 1 || damaged != 1 || all[0].To[0] != "bob@example.net" {
		t.Errorf("%+v, %d damaged", all, damaged)
	}
}
