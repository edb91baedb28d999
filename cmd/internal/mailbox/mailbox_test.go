package mailbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// walk gives one line a message: its name relative to dir, its first line in its file, and its octets; errors and skips too.
func walk(t *testing.T, dir string, stdin io.Reader, paths ...string) []string {
	t.Helper()
	var out []string
	rel := func(s string) string { return strings.TrimPrefix(strings.ReplaceAll(s, dir+"/", ""), dir) }
	opts := Options{Skipped: func(s Skip) { out = append(out, "skip "+rel(s.Path)+": "+s.Reason) }}
	for m, err := range Walk(t.Context(), paths, stdin, opts) {
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v is no *Error", err)
			}
			out = append(out, "error "+rel(e.Name)+": "+e.Err.Error())
			continue
		}
		b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
		if err != nil {
			t.Fatalf("read %s: %v", m.Name, err)
		}
		if int64(len(b)) != m.Size {
			t.Errorf("%s has %d octets, not %d", m.Name, len(b), m.Size)
		}
		out = append(out, fmt.Sprintf("%s:%d %q", rel(m.Name), m.FirstLine, b))
		m.Close()
	}
	return out
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t *testing.T, got []string, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

const (
	mark1 = "From a@example.com Sat Jan  3 01:05:34 2026\n"
	mark2 = "From b@example.com Sun Jan  4 02:06:35 2026\n"
)

func TestDirectoryIsSortedAndFiltered(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"b/2.eml": "two", "b/1.eml": "one", "a.EML": "upper", "c.msg": "msg", ".hidden.eml": "h", ".git/x.eml": "x",
		"notes.txt": "Dear all,\nnot mail\n", "mail.txt": "Subject: hi\n\n", "README": "words", "draft": "From: a@example.com\n\n",
		"logo.png": "png", "z.eml.gz": "\x1f\x8bxx",
	})
	check(t, walk(t, dir, nil, dir),
		"skip .git: hidden",
		"skip .hidden.eml: hidden",
		"skip README: does not begin like a message",
		`a.EML:1 "upper"`, `b/1.eml:1 "one"`, `b/2.eml:1 "two"`, `c.msg:1 "msg"`, `draft:1 "From: a@example.com\n\n"`,
		"skip logo.png: not named like mail",
		`mail.txt:1 "Subject: hi\n\n"`,
		"skip notes.txt: does not begin like a message",
		"error z.eml.gz: gzip data is cut off")
}

func TestNamedFileIsAlwaysTaken(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"logo.png": "png", ".hidden": "h", "README": "words", "empty": ""})
	check(t, walk(t, dir, nil, dir+"/logo.png", dir+"/.hidden", dir+"/README", dir+"/empty"),
		`logo.png:1 "png"`, `.hidden:1 "h"`, `README:1 "words"`, `empty:1 ""`)
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"cur/1700000000.M1.host:2,S": "seen", "new/1700000001.M2.host": "new", "tmp/1700000002.M3.host": "half",
		".Sent.Old/cur/1700000003.M4.host,S=9:2,": "sent", ".plain/x.eml": "no", "dovecot.index": "idx",
		"sub/new/1.5": "not a Maildir",
	})
	if err := os.Mkdir(filepath.Join(dir, ".Sent.Old/tmp"), 0o755); err != nil { // nothing is left out of it
		t.Fatal(err)
	}
	check(t, walk(t, dir, nil, dir),
		`.Sent.Old/cur/1700000003.M4.host,S=9:2,:1 "sent"`,
		"skip .plain: hidden",
		`cur/1700000000.M1.host:2,S:1 "seen"`,
		"skip dovecot.index: not named like mail",
		`new/1700000001.M2.host:1 "new"`,
		"skip sub/new/1.5: not named like mail",
		"skip tmp: Maildir delivery in progress")
	check(t, walk(t, dir, nil, dir+"/cur", dir+"/new"),
		`cur/1700000000.M1.host:2,S:1 "seen"`, `new/1700000001.M2.host:1 "new"`)
}

func TestMbox(t *testing.T) {
	long := "From " + strings.Repeat("x", 2*maxPostmark) + " 01:05:34 2026\n"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"two", mark1 + "A: 1\n\nx\n\n" + mark2 + "B: 2\n\ny\n\n", []string{`two#1:2 "A: 1\n\nx\n"`, `two#2:7 "B: 2\n\ny\n"`}},
		{"crlf", strings.ReplaceAll(mark1+"A: 1\n\nx\n\n"+mark2+"B: 2\n", "\n", "\r\n"), []string{`crlf#1:2 "A: 1\r\n\r\nx\r\n"`, `crlf#2:7 "B: 2\r\n"`}},
		{"no empty line before", mark1 + "A: 1\n\nx\n" + mark2 + "B: 2\n", []string{`no empty line before#1:2 "A: 1\n\nx\n"`, `no empty line before#2:6 "B: 2\n"`}},
		{"one postmark is one message", mark1 + "A: 1\n\nx\n\n", []string{fmt.Sprintf("one postmark is one message:1 %q", mark1+"A: 1\n\nx\n\n")}},
		{"one.mbox", mark1 + "A: 1\n\nx\n\n", []string{`one.mbox#1:2 "A: 1\n\nx\n"`}},
		{"blank lead.MBOX", "\n\n" + mark1 + "A: 1\n", []string{`blank lead.MBOX#1:4 "A: 1\n"`}},
		{"no postmark.mbox", "A: 1\n\nx\n", []string{`no postmark.mbox:1 "A: 1\n\nx\n"`}},
		{"sentence", mark1 + "A: 1\n\nFrom what I can tell\n\nFrom here on\n>From there\n" + mark2 + "B: 2\n",
			[]string{`sentence#1:2 "A: 1\n\nFrom what I can tell\n\nFrom here on\n>From there\n"`, `sentence#2:9 "B: 2\n"`}},
		{"bare", "From -\nA: 1\n\nFrom b@example.com\nB: 2\n", []string{`bare#1:2 "A: 1\n"`, `bare#2:5 "B: 2\n"`}},
		{"empty message", mark1 + mark2, []string{`empty message#1:2 ""`, `empty message#2:3 ""`}},
		{"no line end", mark1 + "A: 1\n\n" + strings.TrimSuffix(mark2, "\n"), []string{`no line end#1:2 "A: 1\n"`, `no line end#2:5 ""`}},
		{"long line", mark1 + "A: 1\n" + long + mark2 + "B: 2\n", []string{fmt.Sprintf("long line#1:2 %q", "A: 1\n"+long), `long line#2:5 "B: 2\n"`}},
		{"unlike first", "From nobody\nA: 1\n\n" + mark1 + "B: 2\n\n" + mark2 + "C: 3\n",
			[]string{`unlike first#1:2 "A: 1\n"`, `unlike first#2:5 "B: 2\n"`, `unlike first#3:8 "C: 3\n"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{c.name: c.text})
			check(t, walk(t, dir, nil, dir+"/"+c.name), c.want...)
		})
	}
}

// TestMboxAcrossBuffers moves a postmark over every place around the end of the splitter's buffer.
func TestMboxAcrossBuffers(t *testing.T) {
	dir := t.TempDir()
	for shift := -maxPostmark - 10; shift <= len(mark2)+10; shift += 7 {
		head := mark1 + "A: 1\n\n"
		filler := strings.Repeat("0123456789abcde\n", windowBytes/16+10)
		filler = filler[:windowBytes-len(head)+shift-2] + "z\n" // no empty line before the postmark
		write(t, dir, map[string]string{"m": head + filler + mark2 + "B: 2\n"})
		var sizes []int64
		var lines []int64
		for m, err := range Walk(t.Context(), []string{dir + "/m"}, nil, Options{}) {
			if err != nil {
				t.Fatal(err)
			}
			sizes, lines = append(sizes, m.Size), append(lines, m.FirstLine)
			m.Close()
		}
		wantLine := int64(3 + 1 + strings.Count(filler, "\n") + 1)
		if len(sizes) != 2 || sizes[0] != int64(len("A: 1\n\n")+len(filler)) || sizes[1] != 5 || lines[1] != wantLine {
			t.Fatalf("shift %d: sizes %v, lines %v, want %d and 5, line %d", shift, sizes, lines, len("A: 1\n\n")+len(filler), wantLine)
		}
	}
}

func TestSpecialFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret.eml": "secret"})
	write(t, dir, map[string]string{"a.eml": "a", "d/x.eml": "x"})
	if err := syscall.Mkfifo(dir+"/b.eml", 0o600); err != nil {
		t.Skip("no FIFOs here")
	}
	if err := syscall.Mkfifo(dir+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"c.eml": outside + "/secret.eml", "e.eml": "a.eml", "f.eml": "nowhere", "g.eml": "d", "h.eml": "h.eml"} {
		if err := os.Symlink(to, dir+"/"+link); err != nil {
			t.Fatal(err)
		}
	}
	got := walk(t, dir, nil, dir)
	check(t, got,
		`a.eml:1 "a"`,
		"error b.eml: is a named pipe, not a regular file",
		"error c.eml: is a link out of the directory",
		`d/x.eml:1 "x"`,
		`e.eml:1 "a"`,
		"error f.eml: no such file or directory",
		"skip g.eml: link to a directory",
		"error h.eml: too many levels of symbolic links",
		"skip pipe: not a regular file")
	check(t, walk(t, dir, nil, dir+"/b.eml", dir+"/c.eml", dir+"/nowhere"),
		"error b.eml: is a named pipe, not a regular file",
		`c.eml:1 "secret"`, // named by the user himself
		"error nowhere: no such file or directory")
}

func TestDirectoryWithoutMail(t *testing.T) {
	dir := t.TempDir()
	check(t, walk(t, dir, nil, dir), "error : no message found")
	write(t, dir, map[string]string{"logo.png": "png"})
	check(t, walk(t, dir, nil, dir),
		"skip logo.png: not named like mail", "error : no message found, 1 other entry left out")
}

func TestStdin(t *testing.T) {
	check(t, walk(t, "", strings.NewReader("A: 1\n\n"), Stdin, Stdin), `stdin:1 "A: 1\n\n"`, "error stdin: is named twice")
	check(t, walk(t, "", strings.NewReader(mark1+"A: 1\n\n"+mark2+"B: 2\n"), Stdin), `stdin#1:2 "A: 1\n"`, `stdin#2:5 "B: 2\n"`)
	check(t, walk(t, "", iotest.ErrReader(errors.New("broken pipe")), Stdin), "error stdin: broken pipe")
	check(t, walk(t, "", strings.NewReader(""), Stdin), `stdin:1 ""`)
}

func TestLargeStdinIsSpooledWithoutTrace(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	text := strings.Repeat("0123456789", 1000)
	for _, limit := range []int64{1, 9999, 10000, 10001} {
		for m, err := range Walk(t.Context(), []string{Stdin}, iotest.HalfReader(strings.NewReader(text)), Options{SpoolMemory: limit}) {
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size))
			if err != nil || string(b) != text {
				t.Errorf("limit %d: read %d octets, %v", limit, len(b), err)
			}
			if left, _ := os.ReadDir(tmp); len(left) > 0 {
				t.Errorf("limit %d: %s lies in the temporary directory", limit, left[0].Name())
			}
			m.Close()
		}
	}
}

func TestCancelledWalkEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := io.Pipe() // a standard input that never ends
	cancel()
	for range Walk(ctx, []string{Stdin, "."}, r, Options{}) {
		t.Error("a cancelled walk yields nothing")
	}
}

// TestMessagesOutliveTheWalk holds every message open until after the walk, as the workers of check do.
func TestMessagesOutliveTheWalk(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.mbox": mark1 + "A: 1\n\n" + mark2 + "B: 2\n", "b.eml": "C: 3\n"})
	var all []Message
	for m, err := range Walk(t.Context(), []string{dir}, nil, Options{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if len(all) != 3 {
		t.Fatalf("%d messages", len(all))
	}
	for i := range all {
		b := make([]byte, all[i].Size)
		if _, err := all[i].Reader.ReadAt(b, 0); err != nil && err != io.EOF {
			t.Errorf("%s: %v", all[i].Name, err)
		}
		all[i].Close()
		all[i].Close() // harmless
	}
}

// Where the temporary file cannot be made, the reason is not that of a file which somebody named.
func TestNoRoomForStdinIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	t.Setenv("TMPDIR", dir)
	_, _, err := spool(strings.NewReader(strings.Repeat("x", 100)), 10, -1)
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "TMPDIR") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
