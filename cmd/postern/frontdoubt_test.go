//go:build linux

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postern/cmd/internal/needs"
)

// cleanArgs are those with which goodMail is clean.
var cleanArgs = []string{"-t", "-f", "alice@example.com"}

// explain calls the front and tells why it left the message to the whole program, "" if it did not.
func (s *sendmailTest) explain(message string, more []string, args ...string) (why string, status int, stderr string) {
	s.t.Helper()
	cmd := exec.Command(s.sendmail, args...)
	var errs bytes.Buffer
	cmd.Stdin, cmd.Stderr, cmd.Dir = strings.NewReader(message), &errs, s.dir
	cmd.Env = append(append(s.env(), "POSTERN_FRONT=explain"), more...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if rest, ok := strings.CutPrefix(errs.String(), "postern: front: "); ok {
		why, stderr, _ = strings.Cut(rest, "\n")
		return why, cmd.ProcessState.ExitCode(), stderr
	}
	return "", cmd.ProcessState.ExitCode(), errs.String()
}

func (s *sendmailTest) edit(name, old, by string) {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil || !strings.Contains(string(b), old) {
		s.t.Fatalf("%s: %v, or no %q", name, err, old)
	}
	s.write(name, strings.Replace(string(b), old, by, 1))
}

// entry is the file of the entry of the configuration.
func (s *sendmailTest) entry() string {
	s.t.Helper()
	_, stdout, stderr := s.command(filepath.Join(s.dir, "postern"), "", "policy", "cache", "--config", filepath.Join(s.dir, "postern.yaml"))
	path, _, ok := strings.Cut(stdout, ": ")
	if !ok {
		s.t.Fatalf("no entry was written: %s%s", stdout, stderr)
	}
	return path
}

// The front hands clean mail on by itself, and writes the line into the log that the whole program writes.
func TestFrontHandsOver(t *testing.T) {
	s := newSendmailTest(t, cold, "", nil, "")
	message := strings.Replace(goodMail, "Subject:", "Bcc: eve@mail.postern.dev\nSubject:", 1)
	var args, env []string
	for i, want := range []string{"there is no entry", "", ""} {
		if why, status, stderr := s.explain(message, nil, cleanArgs...); why != want || status != 0 || stderr != "" {
			t.Errorf("%d: left for %q, status %d, %s", i, why, status, stderr)
		}
		args, env = s.files("got/*.args"), s.files("got/*.env")
	}
	if got := s.got(); len(got) != 3 || got[0] != goodMail || got[1] != goodMail || got[2] != goodMail || args[0] != args[1] {
		t.Errorf("got %q, %q", got, args)
	}
	for _, e := range env {
		if strings.Contains(e, "POSTERN_FRONT") || strings.Contains(e, "POSTERN_CONFIG") {
			t.Errorf("the environment of the real sendmail: %s", e)
		}
	}
	d := s.decisions()
	if len(d) != 3 {
		t.Fatalf("%+v", d)
	}
	d[1].Time, d[0].Time = d[2].Time, d[2].Time
	for _, e := range d[:2] {
		if e.Message != d[2].Message || e.Policy != d[2].Policy || e.Verdict != "pass" || len(e.Rules) != 0 || e.Octets != d[2].Octets || e.Sender != d[2].Sender ||
			e.To[1] != d[2].To[1] || e.Result != d[2].Result || e.Status != d[2].Status || e.Transport != d[2].Transport || e.Recipients != 2 {
			t.Errorf("%+v\nis not\n%+v", e, d[2])
		}
	}
	// What every sendmail writes where it is missing, PHP leaves to it.
	bare := "From: Alice <alice@example.com>\nTo: bob@mail.postern.dev\nSubject: minutes\n\nHello Bob\n"
	if why, status, stderr := s.explain(bare, nil, cleanArgs...); why != "" || status != 0 {
		t.Errorf("no Date: left for %q, status %d, %s", why, status, stderr)
	}
}

// Whatever is not as it should be leaves the message to the whole program, which answers as it would have without the front.
func TestFrontDoubts(t *testing.T) {
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	for _, tt := range []struct {
		name    string
		conf    string // more of it
		change  func(s *sendmailTest, entry string)
		message string
		env     []string
		args    []string
		why     string
		status  int
	}{
		{name: "a finding", message: foreign, why: "the rule ", status: 77},
		{name: "a warning only", args: []string{"-t", "-fwww@example.com"}, why: "the rule sender.service_account may find something"},
		{name: "a charset", message: strings.Replace(goodMail, "Date:", "MIME-Version: 1.0\nContent-Type: text/plain; charset=iso-8859-2\nContent-Transfer-Encoding: 8bit\nDate:", 1) + "\xfc\n", why: "the message has a form that only the whole program reads"},
		{name: "a list of addresses", message: strings.Replace(goodMail, "Bob <", "\"B \\\"o\\\" b\" <", 1), why: "the message has a form"},
		{name: "an unclosed list", message: strings.Replace(goodMail, "Bob <", "\"Bob <", 1), why: "line 2: programs would not agree", status: 65},
		{name: "nobody", args: []string{"-falice@example.com"}, why: "no recipients", status: 64},
		{name: "a wrong option", args: []string{"-Z"}, why: "there is no option -Z", status: 64},
		{name: "a mode", args: []string{"-bp"}, why: "the option -bp is not taken", status: 64},
		{name: "an allowed mode", conf: "  allow: [-bp]\n", args: []string{"-bp"}, why: "the mode -bp takes no message"},
		{name: "a variable", env: []string{"POSTERN_ACCOUNT_CREATED=2016-01-01"}, why: "the variable POSTERN_ACCOUNT_CREATED is set"},
		{name: "a loop", env: []string{"POSTERN_SENDMAIL_CALLED=1"}, why: "the variable POSTERN_SENDMAIL_CALLED is set", status: 75},
		{name: "a ledger", conf: "ledger:\n  url: ledger.db\n", why: "a ledger counts what is sent"},
		{name: "no configuration", change: func(s *sendmailTest, _ string) { os.Remove(filepath.Join(s.dir, "postern.yaml")) }, why: "the configuration cannot be read", status: 75},
		{name: "a broken configuration", change: func(s *sendmailTest, _ string) { s.edit("postern.yaml", "sender:", "sendr:") }, why: "the configuration has changed", status: 75},
		{name: "a changed setting", change: func(s *sendmailTest, _ string) { s.edit("postern.yaml", "www@", "web@") }, why: "the configuration has changed"},
		{name: "a changed limit", change: func(s *sendmailTest, _ string) {
			s.write("postern.yaml", s.files("postern.yaml")[0]+"limits:\n  pair.size_limit:\n    largest_bytes: 20\n")
		}, why: "the configuration has changed", status: 65},
		{name: "a rule without a guard", conf: "policies: [p]\n", change: func(s *sendmailTest, _ string) {}, why: "the rule house.minutes may find something", status: 77},
		{name: "no real sendmail", change: func(s *sendmailTest, _ string) { os.Remove(s.real) }, why: "the real sendmail ", status: 75},
		{name: "a log of everybody's", change: func(s *sendmailTest, _ string) { s.write("log", ""); os.Chmod(s.log, 0o666) }, why: "other users can write ", status: 75},
		{name: "another whole program", change: func(s *sendmailTest, _ string) {
			own, _ := os.ReadFile(filepath.Join(s.dir, "postern"))
			os.Remove(filepath.Join(s.dir, "postern"))
			os.WriteFile(filepath.Join(s.dir, "postern"), own, 0o755)
		}, why: "the entry was written by another program"},
		{name: "an entry of everybody's", change: func(_ *sendmailTest, e string) { os.Chmod(e, 0o666) }, why: "the entry: others can write it"},
		{name: "an entry of the group's", change: func(_ *sendmailTest, e string) { os.Chmod(e, 0o664) }, why: "the entry: others can write it"},
		{name: "a link for an entry", change: func(s *sendmailTest, e string) {
			os.Rename(e, filepath.Join(s.dir, "moved"))
			os.Symlink(filepath.Join(s.dir, "moved"), e)
		}, why: "the entry: too many levels of symbolic links"},
		{name: "a pipe for an entry", change: func(s *sendmailTest, e string) { os.Remove(e); unix.Mkfifo(e, 0o600) }, why: "the entry: it is no regular file"},
		{name: "a directory for an entry", change: func(s *sendmailTest, e string) { os.Remove(e); os.Mkdir(e, 0o700) }, why: "the entry: it is no regular file"},
		{name: "a cut entry", change: func(_ *sendmailTest, e string) { os.Truncate(e, 5000) }, why: "the entry: it is damaged"},
		{name: "an empty entry", change: func(_ *sendmailTest, e string) { os.Truncate(e, 0) }, why: "the entry: it is damaged"},
		{name: "a flipped bit", change: func(_ *sendmailTest, e string) {
			b, _ := os.ReadFile(e)
			b[len(b)/2] ^= 4
			os.WriteFile(e, b, 0o600)
		}, why: "the entry: it is damaged"},
		{name: "an entry of another configuration", change: func(s *sendmailTest, e string) {
			s.write("other.yaml", s.files("postern.yaml")[0]+"limits:\n  pair.size_limit:\n    largest_bytes: 100000\n")
			_, out, _ := s.command(filepath.Join(s.dir, "postern"), "", "policy", "cache", "--config", filepath.Join(s.dir, "other.yaml"))
			other, _, _ := strings.Cut(out, ": ")
			os.Rename(other, e)
		}, why: "the configuration has changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSendmailTest(t, cold, "", nil, tt.conf)
			if strings.Contains(tt.conf, "policies") {
				os.Mkdir(filepath.Join(s.dir, "p"), 0o755)
				s.write("p/x.rego", houseRule)
			}
			entry := s.entry()
			if tt.change != nil {
				tt.change(s, entry)
			}
			if tt.message == "" {
				tt.message = goodMail
			}
			if tt.args == nil {
				tt.args = cleanArgs
			}
			why, status, stderr := s.explain(tt.message, tt.env, tt.args...)
			if !strings.HasPrefix(why, tt.why) || why == "" || status != tt.status {
				t.Errorf("left for %q, want %q; status %d, want %d\n%s", why, tt.why, status, tt.status, stderr)
			}
			if sent := len(s.got()); (sent > 0) != (tt.status == 0 && !strings.HasPrefix(why, "the mode")) && tt.args[0] != "-bp" {
				t.Errorf("sent %d times", sent)
			}
		})
	}
}

// houseRule is a rule of the user's that stands against goodMail.
const houseRule = `# METADATA
# scope: package
# title: Minutes are not sent by mail
# description: The board wants them on paper.
# custom:
#   severity: error
#   clause: House rule 1
#   remedy: Send them by post.
package custom.postern.rules.house.minutes

findings contains {"message": "minutes"} if contains(lower(input.header.subject.text), "minutes")
`

// A policy that has changed is never overlooked, also if its file has the size and the times that it had.
func TestFrontSeesChangedPolicies(t *testing.T) {
	harmless := strings.Replace(houseRule, `text), "minutes")`, `text), "secrets")`, 1)
	if len(harmless) != len(houseRule) {
		t.Fatal("the rules are not of one length")
	}
	for name, change := range map[string]func(s *sendmailTest){
		"in place": func(s *sendmailTest) { s.write("p/a.rego", houseRule) },
		"with its old times": func(s *sendmailTest) {
			p := filepath.Join(s.dir, "p", "a.rego")
			st, _ := os.Stat(p)
			s.write("p/a.rego", houseRule)
			os.Chtimes(p, st.ModTime(), st.ModTime())
		},
		"a new file": func(s *sendmailTest) {
			s.write("p/b.rego", strings.ReplaceAll(houseRule, "house.minutes", "house.more"))
		},
		"a link": func(s *sendmailTest) {
			s.write("q.rego", houseRule)
			os.Remove(filepath.Join(s.dir, "p", "a.rego"))
			os.Symlink(filepath.Join(s.dir, "q.rego"), filepath.Join(s.dir, "p", "a.rego"))
		},
		"another directory": func(s *sendmailTest) {
			os.Rename(filepath.Join(s.dir, "p"), filepath.Join(s.dir, "old"))
			os.Mkdir(filepath.Join(s.dir, "p"), 0o755)
			s.write("p/a.rego", houseRule)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSendmailTest(t, cold, "", nil, "policies: [p]\n")
			os.Mkdir(filepath.Join(s.dir, "p"), 0o755)
			s.write("p/a.rego", harmless)
			s.entry()
			if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
				t.Fatalf("left for %q, status %d, %s", why, status, stderr)
			}
			change(s)
			why, status, stderr := s.explain(goodMail, nil, cleanArgs...)
			if why != "a policy has changed" || status != 77 || !strings.HasPrefix(stderr, "5.7.1 [house.") {
				t.Errorf("left for %q, status %d, %s", why, status, stderr)
			}
			// The whole program has left a new entry, by which the message is as little clean.
			if why, status, _ := s.explain(goodMail, nil, cleanArgs...); !strings.HasPrefix(why, "the rule house.") || status != 77 {
				t.Errorf("left for %q, status %d", why, status)
			}
		})
	}
}

// Entries of other users, and directories that they can write, are not looked at; an ordinary user has his own.
func TestFrontTrustsNobodyElse(t *testing.T) {
	needs.Root(t)
	setpriv := needs.Program(t, "setpriv")
	s := newSendmailTest(t, cold, "", nil, "")
	for _, p := range []string{filepath.Dir(s.dir), filepath.Dir(filepath.Dir(s.dir))} {
		os.Chmod(p, 0o755)
	}
	for _, d := range []string{"got", "."} {
		os.Chmod(filepath.Join(s.dir, d), 0o777)
	}
	os.Chmod(filepath.Dir(frontDir()), 0o755)
	// The whole program, where every user can read it.
	own, err := os.ReadFile(filepath.Join(s.dir, "postern"))
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(s.dir, "postern"))
	if err := os.WriteFile(filepath.Join(s.dir, "postern"), own, 0o755); err != nil {
		t.Fatal(err)
	}
	real := s.sendmail
	wrapper := filepath.Join(s.dir, "user")
	s.write("user", "#!/bin/sh\nexec "+setpriv+" --reuid=65534 --regid=65534 --clear-groups '"+real+"' \"$@\"\n")
	os.Chmod(wrapper, 0o755)
	s.edit("postern.yaml", "  log: log\n  held: held\n", "")
	s.sendmail = wrapper
	check := func(what, want string) {
		t.Helper()
		if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != want || status != 0 {
			t.Errorf("%s: left for %q, want %q; status %d, %s", what, why, want, status, stderr)
		}
	}
	s.caches = filepath.Join(s.dir, "cache")
	dir := filepath.Join(s.caches, "postern")
	check("first", "there is no entry")
	check("own entry", "")
	os.Chmod(dir, 0o777)
	check("open directory", "the directory of entries: others can write it (mode 0777)")
	os.Chmod(dir, 0o700)
	check("closed again", "")
	os.Chown(dir, 12345, 65534)
	os.Chmod(dir, 0o755)
	check("another's directory", "the directory of entries: it belongs to user 12345")
	os.Chown(dir, 65534, 65534)
	names, _ := filepath.Glob(filepath.Join(dir, "[0-9a-f]*")) // the others are snapshots of the rules
	if len(names) != 1 {
		t.Fatalf("%q", names)
	}
	os.Chown(names[0], 12345, 65534)
	os.Chmod(names[0], 0o644)
	check("another's entry", "the entry: it belongs to user 12345")
	os.Remove(names[0])
	os.Rename(dir, dir+"x")
	os.Symlink(dir+"x", dir)
	check("a link", "the directory of entries: not a directory")
	// That of root is for all.
	s.entry()
	check("root's entry", "")
}

// A program that is killed while it writes an entry leaves none, or a whole one; mail goes on.
func TestFrontKilledWriting(t *testing.T) {
	needs.Program(t, "strace")
	faults := []string{"write:signal=KILL:when=2+", "renameat:error=ENOSPC", "openat:signal=KILL:when=30+", "fchmod:signal=KILL", "fsync:signal=KILL", "renameat:signal=KILL", "fsync:error=EIO", "write:error=ENOSPC:when=2"}
	if needs.UnderRace {
		faults = faults[:2]
	}
	for _, inject := range faults {
		t.Run(inject, func(t *testing.T) {
			s := newSendmailTest(t, cold, "", nil, "")
			s.edit("postern.yaml", "  log: log\n  held: held\n", "")
			entry := s.entry()
			os.Remove(entry)
			cmd := s.strace(t, []string{inject}, cleanArgs...)
			cmd.Args[len(cmd.Args)-len(cleanArgs)-1] = s.other()
			cmd.Env = append(cmd.Env, "POSTERN_FRONT=write")
			cmd.Stdin = strings.NewReader(goodMail)
			cmd.Run()
			for i := range 2 {
				if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); status != 0 || why != "" && why != "there is no entry" {
					t.Errorf("%d: left for %q, status %d, %s", i, why, status, stderr)
				}
			}
			// What was left behind is taken away after a while.
			old := time.Now().Add(-time.Hour)
			os.Chtimes(entry+".new", old, old)
			s.explain(goodMail, nil, cleanArgs...)
			if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
				t.Errorf("left for %q, status %d, %s", why, status, stderr)
			}
		})
	}
}

// Of what was read of standard input nothing is lost between the front and the whole program, however much it is and however it comes.
func TestFrontHandsStandardInputOn(t *testing.T) {
	s := newSendmailTest(t, warm, "", nil, "")
	s.warm()
	for _, body := range []string{".\n..\n", strings.Repeat("A line for everybody.\n", 20_000), "no end"} {
		message := strings.Replace(goodMail, "Subject:", "Bcc: eve@mail.postern.dev\nX-Odd: \xe9\nSubject:", 1) + body
		cmd := exec.Command("/bin/sh", "-c", `cat | "$0" -t -i -f alice@example.com`, s.sendmail)
		cmd.Stdin, cmd.Env, cmd.Dir = strings.NewReader(message), append(s.env(), "POSTERN_FRONT=explain"), s.dir
		out, err := cmd.CombinedOutput()
		if !strings.HasPrefix(string(out), "postern: front: the rule ") {
			t.Errorf("%v: %s", err, out)
		}
		want := strings.Replace(message, "Bcc: eve@mail.postern.dev\n", "", 1)
		if kept := append(s.got(), s.files("held/new/*")...); len(kept) == 0 || kept[len(kept)-1] != want && kept[0] != want {
			t.Errorf("%d messages, none is what was sent", len(kept))
		}
		for _, d := range []string{"got", "held/new"} {
			names, _ := filepath.Glob(filepath.Join(s.dir, d, "*"))
			for _, n := range names {
				os.Remove(n)
			}
		}
	}
	// A read that fails is no end of the message.
	if status, _, stderr := s.command("/bin/sh", "", "-c", "exec '"+s.sendmail+"' -t -falice@example.com <."); status != 75 || !strings.HasPrefix(stderr, "4.3.0 the message cannot be read") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// Without the whole program nothing is sent, not even clean mail.
func TestFrontNeedsTheWholeProgram(t *testing.T) {
	for _, p := range []string{"/usr/local/bin/postern", "/usr/bin/postern"} {
		if _, err := os.Stat(p); err == nil {
			t.Skip("skip: needs a machine without " + p)
		}
	}
	s := newSendmailTest(t, cold, "", nil, "")
	s.entry()
	os.Remove(filepath.Join(s.dir, "postern"))
	if status, _, stderr := s.run(goodMail, cleanArgs...); status != 75 || !strings.HasPrefix(stderr, "4.3.5 the program postern is not there") || len(s.got()) > 0 {
		t.Errorf("status %d, %s", status, stderr)
	}
	os.Link(s.sendmail, filepath.Join(s.dir, "postern"))
	if status, _, stderr := s.run(goodMail, cleanArgs...); status != 75 || !strings.HasPrefix(stderr, "4.3.5 ") || len(s.got()) > 0 {
		t.Errorf("itself: status %d, %s", status, stderr)
	}
}
