//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postern/cmd/internal/held"
	"postern/cmd/internal/needs"
	"postern/cmd/internal/testpostfix"
)

// strace makes a command that runs sendmail under strace with these injections.
func (s *sendmailTest) strace(t *testing.T, inject []string, args ...string) *exec.Cmd {
	t.Helper()
	argv := []string{"-f", "-qq", "-o", "/dev/null"}
	var traced []string
	for _, i := range inject {
		name, _, _ := strings.Cut(i, ":")
		traced = append(traced, name)
		argv = append(argv, "-e", "inject="+i)
	}
	argv = append(argv, "-e", "trace="+strings.Join(traced, ","))
	cmd := exec.Command(needs.Program(t, "strace"), append(append(argv, s.sendmail), args...)...)
	cmd.Env, cmd.Dir = s.env(), s.dir
	return cmd
}

// Errors of the system, wherever they come, never let a message go out that was not taken whole, and never say that one is held
// that is not.
func TestSendmailSystemErrors(t *testing.T) { eachWay(t, sendmailSystemErrors) }

func sendmailSystemErrors(t *testing.T, way way) {
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	for _, tt := range []struct {
		inject, message, line string
	}{
		{"fsync:error=EIO", foreign, "4.3.1 "},
		{"fsync:error=EIO:when=2+", foreign, "4.3.1 "},
		{"renameat:error=EIO", foreign, "4.3.1 "},
		{"memfd_create:error=EMFILE", goodMail, "4.3.1 "},
		{"lseek:error=EIO", goodMail, "4.3."},
		{"mkdirat:error=ENOSPC", foreign, "4.3.1 "},
		{"dup3:error=EBUSY", goodMail, "4.3.0 "},
	} {
		t.Run(tt.inject, func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, "")
			if err := os.WriteFile(s.log+".key", []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			cmd := s.strace(t, []string{tt.inject}, "-t")
			cmd.Stdin, cmd.Stderr = strings.NewReader(tt.message), &stderr
			err := cmd.Run()
			if status := cmd.ProcessState.ExitCode(); status != 75 || !strings.HasPrefix(stderr.String(), tt.line) {
				t.Errorf("status %d, %v: %s", status, err, &stderr)
			}
			if got := s.got(); len(got) > 0 {
				t.Errorf("sent %q", got)
			}
			if held := s.files("held/*/*"); len(held) > 0 {
				t.Errorf("held %q", held)
			}
		})
	}
}

// A full disk keeps no part of a message.
func TestSendmailFullDisk(t *testing.T) {
	needs.Root(t)
	s := newSendmailTest(t, whole, "", nil, "")
	small := filepath.Join(s.dir, "held")
	if err := os.Mkdir(small, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=128k,mode=0700"); err != nil {
		t.Skipf("skip: needs to mount: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(small, unix.MNT_DETACH) })
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1) + strings.Repeat("A line for everybody.\n", 10_000)
	status, _, stderr := s.run(foreign, "-t")
	if status != 75 || !strings.HasPrefix(stderr, "4.3.1 [pair.sender_unaffiliated] ") || !strings.Contains(stderr, "no space left") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if held := s.files("held/*/*"); len(held) > 0 {
		t.Errorf("%d files were left", len(held))
	}
}

// Descriptors that the caller has closed, filled or broken send nothing that is not whole, and do not stop the program. A refusal
// that nobody can be told is for now only. What is closed is /dev/null to a Go program, where it is told.
func TestSendmailDescriptors(t *testing.T) { eachWay(t, sendmailDescriptors) }

func sendmailDescriptors(t *testing.T, way way) {
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	for _, tt := range []struct {
		redirect, message string
		status, sent      int
	}{
		{"<&-", "", 75, 0},
		{"0</dev/null", "", 75, 0},
		{"0<.", "", 75, 0}, // a directory
		{">&- 2>&-", goodMail, 0, 1},
		{">&- 2>&-", foreign, 77, 0},
		{">/dev/full 2>/dev/full", foreign, 75, 0},
		{">/dev/full", foreign, 77, 0},
		{"2>/dev/full", foreign, 77, 0},
		{">/dev/full 2>/dev/full", goodMail, 0, 1},
		{"2>&1", foreign, 77, 0},
		{"7</etc/passwd 8>&1", goodMail, 0, 1},
	} {
		t.Run(tt.redirect+" "+tt.message[:min(20, len(tt.message))], func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, "")
			s.write("check", "#!/bin/sh\nls -1 /proc/self/fd >got/$$.fds\nexec ./real \"$@\"\n")
			status, _, _ := s.command("/bin/sh", tt.message, "-c", "exec '"+s.sendmail+"' -t "+tt.redirect)
			if got := s.got(); status != tt.status || len(got) != tt.sent {
				t.Errorf("status %d, sent %q", status, got)
			}
		})
	}
	t.Run("full pipe", func(t *testing.T) {
		s := newSendmailTest(t, way, "", nil, "")
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		fd := int(w.Fd()) // each call makes it blocking
		if err := unix.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = unix.Write(fd, make([]byte, 4096))
		}
		if err := unix.SetNonblock(fd, false); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(s.sendmail, "-t", "-Z")
		cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = strings.NewReader(goodMail), w, w, s.env(), s.dir
		cmd.Run()
		if status := cmd.ProcessState.ExitCode(); status != 75 {
			t.Errorf("status %d", status)
		}
	})
	t.Run("broken pipe", func(t *testing.T) {
		s := newSendmailTest(t, way, "", nil, "")
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		defer w.Close()
		cmd := exec.Command(s.sendmail, "-t")
		cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = strings.NewReader(foreign), w, w, s.env(), s.dir
		cmd.Run()
		if status := cmd.ProcessState.ExitCode(); status != 75 {
			t.Errorf("status %d", status)
		}
	})
}

// A program with more rights than its caller takes no configuration from him.
func TestSendmailSetGID(t *testing.T) {
	needs.Root(t)
	setpriv := needs.Program(t, "setpriv")
	if _, err := os.Stat("/etc/postern"); err == nil {
		t.Skip("skip: needs a machine without /etc/postern")
	}
	s := newSendmailTest(t, whole, "", nil, "")
	own, err := os.ReadFile(s.sendmail)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{s.dir, filepath.Dir(s.dir), filepath.Dir(filepath.Dir(s.dir))} {
		os.Chmod(p, 0o755)
	}
	os.Remove(s.sendmail)
	os.Chmod(filepath.Join(s.dir, "got"), 0o777)
	args := []string{"--reuid=65534", "--regid=65534", "--clear-groups", s.sendmail, "-t"}
	for _, mode := range []os.FileMode{0o755, 0o755 | os.ModeSetgid} {
		os.Remove(s.sendmail)
		if err := os.WriteFile(s.sendmail, own, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(s.sendmail, mode); err != nil {
			t.Fatal(err)
		}
		os.Chmod(s.dir, 0o777)
		status, _, stderr := s.command(setpriv, goodMail, args...)
		if set := mode&os.ModeSetgid != 0; set && (status != 75 || !strings.HasPrefix(stderr, "4.3.5 there is no account")) || !set && status != 0 {
			t.Errorf("mode %v: status %d, %s", mode, status, stderr)
		}
	}
}

// crashes counts what became of messages whose sender was killed.
type crashes struct{ runs, killed, sent, held int }

// A message whose program is killed, at any system call and at any time, is whole at the receiver, or whole among what is held,
// or its caller was told that it failed; and never in parts.
func TestSendmailKilled(t *testing.T) {
	runs := 48
	if long := os.Getenv("POSTERN_LONG"); long != "" {
		runs = 2000
		if n, err := strconv.Atoi(long); err == nil && n > 1 {
			runs = n
		}
	}
	needs.Program(t, "strace")
	mta := testpostfix.New(t)
	mta.Start()
	s := newSendmailTest(t, cold, mta.Sendmail, []string{"-C" + mta.Conf}, "disabled: [recipients.dummy, spam.phrase, spam.body_empty]\n")
	programs := [...]string{s.sendmail, s.other()}
	r := rand.New(rand.NewPCG(9, 9))
	calls := []string{"memfd_create", "write", "fcntl", "fsync", "renameat", "openat", "execve", "dup3", "lseek", "pread64", "read", "close", "fstat", "mkdirat", "close_range", "exit_group"}
	var c crashes
	accepted := map[string]bool{}
	want := map[string]string{}
	refusedHeld := 0
	// How long one takes here and now, so that kills fall into all of it.
	var whole time.Duration
	for range 2 { // the first leaves what the others start from
		began := time.Now()
		if status, _, stderr := s.run(strings.Replace(goodMail, "alice@", "eve@", 1), "-t", "-feve@mail.postern.dev"); status != 77 {
			t.Fatalf("status %d, %s", status, stderr)
		}
		whole = time.Since(began) * 5 / 4
	}
	want["eve@mail.postern.dev"] = strings.Replace(goodMail, "alice@", "eve@", 1)
	for n := range runs {
		message, sent, _ := deliverable(n)
		if n%4 == 3 {
			message += "\n"
		}
		bad := n%3 == 0
		sender := fmt.Sprintf("alice%d@example.com", n)
		s.sendmail = programs[n/2%2]
		if bad {
			message = strings.Replace(message, "alice@example.com", "eve@mail.postern.dev", 1)
			sent = strings.Replace(sent, "alice@example.com", "eve@mail.postern.dev", 1)
		}
		want[sender] = sent
		var cmd *exec.Cmd
		if n%2 == 0 {
			call := calls[n/2%len(calls)]
			cmd = s.strace(t, []string{fmt.Sprintf("%s:signal=KILL:when=%d", call, 1+r.IntN(12))}, "-ti", "-f"+sender)
		} else {
			cmd = exec.Command(s.sendmail, "-ti", "-f"+sender)
			cmd.Env, cmd.Dir = s.env(), s.dir
		}
		cmd.Stdin = strings.NewReader(message)
		var err error
		if n%2 == 1 {
			if err = cmd.Start(); err == nil {
				timer := time.AfterFunc(time.Duration(r.Int64N(int64(whole))), func() { cmd.Process.Kill() })
				err = cmd.Wait()
				timer.Stop()
			}
		} else {
			err = cmd.Run()
		}
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		c.runs++
		state := cmd.ProcessState
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			c.killed++
		}
		switch code := state.ExitCode(); {
		case code == 0 && bad:
			t.Errorf("%d: a message was taken that fails", n)
		case code == 0:
			accepted[sender] = true
		case code == 77:
			refusedHeld++
		}
	}
	s.checkHeld(t, want, &c)
	if c.held < refusedHeld {
		t.Errorf("%d messages were refused, %d are held", refusedHeld, c.held)
	}
	// What Postfix has is delivered before it is counted.
	for len(mta.Queue()) > 0 {
		time.Sleep(100 * time.Millisecond)
	}
	seen := map[string]bool{}
	for _, d := range mta.Sink.Wait(len(accepted)) {
		if string(d.Message()) != want[d.From] {
			t.Errorf("%s: %d octets came of %d", d.From, len(d.Message()), len(want[d.From]))
		}
		if seen[d.From] {
			t.Errorf("%s came twice", d.From)
		}
		seen[d.From] = true
		c.sent++
	}
	for sender := range accepted {
		if !seen[sender] {
			t.Errorf("%s was taken and has not come", sender)
		}
	}
	if c.killed < runs/4 || c.sent == 0 || c.held == 0 {
		t.Errorf("%+v", c)
	}
	t.Logf("%+v, %d taken, %d refused", c, len(accepted), refusedHeld)
}

// checkHeld checks that everything that is held is whole.
func (s *sendmailTest) checkHeld(t *testing.T, want map[string]string, c *crashes) {
	t.Helper()
	store, err := held.Open(filepath.Join(s.dir, "held"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	list, bad, err := store.List()
	if err != nil || len(bad) > 0 {
		t.Errorf("%v, %v", err, bad)
	}
	for _, e := range list {
		f, err := store.Message(e)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		b.ReadFrom(f)
		f.Close()
		if b.String() != want[e.Sender] {
			t.Errorf("%s is held in part: %d octets of %d", e.ID, b.Len(), len(want[e.Sender]))
		}
		if text, err := json.Marshal(e.Record); err != nil || e.Octets != int64(b.Len()) {
			t.Errorf("%s: %v", text, err)
		}
		c.held++
	}
}

// counted is how many messages the ledger counts for good. A place that could not be given back is counted until its lease ends: too
// much for a while, never too little.
func (s *sendmailTest) counted() int {
	s.t.Helper()
	status, stdout, stderr := s.command(filepath.Join(s.dir, "postern"), "", "ledger", "show", "--format", "json")
	var shown struct {
		Senders []struct{ Messages, Reserved int }
	}
	if err := json.Unmarshal([]byte(stdout), &shown); status != 0 || err != nil || len(shown.Senders) > 1 {
		s.t.Fatalf("ledger show: status %d, %v: %s%s", status, err, stdout, stderr)
	}
	n := 0
	for _, sender := range shown.Senders {
		n = sender.Messages - sender.Reserved
	}
	return n
}

// A ledger whose disk is full or fails counts nothing that was not sent and lets nothing go out that it does not count.
func TestSendmailLedgerErrors(t *testing.T) {
	for _, w := range []way{whole, counting} {
		t.Run(string(w), func(t *testing.T) { sendmailLedgerErrors(t, w) })
	}
}

func sendmailLedgerErrors(t *testing.T, way way) {
	const conf = "ledger:\n  url: book/ledger.db\nlimits:\n  pair.batch_pace:\n    seconds: 0\n"
	t.Run("full disk", func(t *testing.T) {
		needs.Root(t)
		s := newSendmailTest(t, way, "", nil, conf)
		book := filepath.Join(s.dir, "book")
		if err := os.Mkdir(book, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := unix.Mount("tmpfs", book, "tmpfs", 0, "size=256k,mode=0700"); err != nil {
			t.Skipf("skip: needs to mount: %v", err)
		}
		t.Cleanup(func() { unix.Unmount(book, unix.MNT_DETACH) })
		if status, _, stderr := s.run(goodMail, cleanArgs...); status != 0 {
			t.Fatalf("status %d, %s", status, stderr)
		}
		fill, err := os.Create(filepath.Join(book, "fill"))
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = fill.Write(make([]byte, 4096))
		}
		fill.Close()
		if !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
		for range 3 {
			if status, _, stderr := s.run(goodMail, cleanArgs...); status != 75 || !strings.HasPrefix(stderr, "4.3.0 ") {
				t.Errorf("status %d, %s", status, stderr)
			}
		}
		if got := s.got(); len(got) != 1 {
			t.Errorf("%d messages were sent", len(got))
		}
		// With space again it goes on, and has counted what was sent and nothing else.
		if err := os.Remove(fill.Name()); err != nil {
			t.Fatal(err)
		}
		if status, _, stderr := s.run(goodMail, cleanArgs...); status != 0 {
			t.Errorf("with space again: status %d, %s", status, stderr)
		}
		if n := s.counted(); n != 2 || len(s.got()) != 2 {
			t.Errorf("%d were sent, %d are counted", len(s.got()), n)
		}
	})
	for _, inject := range []string{"fsync:error=EIO", "fdatasync:error=EIO", "pwrite64:error=EIO", "pwrite64:error=ENOSPC:when=3+", "ftruncate:error=EIO"} {
		t.Run(inject, func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, conf)
			if err := os.Mkdir(filepath.Join(s.dir, "book"), 0o700); err != nil {
				t.Fatal(err)
			}
			if status, _, stderr := s.run(goodMail, cleanArgs...); status != 0 {
				t.Fatalf("status %d, %s", status, stderr)
			}
			var stderr bytes.Buffer
			cmd := s.strace(t, []string{inject}, cleanArgs...)
			cmd.Stdin, cmd.Stderr = strings.NewReader(goodMail), &stderr
			cmd.Run()
			status, sent := cmd.ProcessState.ExitCode(), len(s.got())-1
			if status != 75 && status != 0 || (status == 0) != (sent == 1) {
				t.Errorf("status %d, %d sent: %s", status, sent, &stderr)
			}
			t.Logf("status %d: %.120s", status, &stderr)
			if status, _, stderr := s.run(goodMail, cleanArgs...); status != 0 {
				t.Errorf("afterwards: status %d, %s", status, stderr)
			}
			if n := s.counted(); n != 2+sent {
				t.Errorf("%d were sent, %d are counted", 2+sent, n)
			}
		})
	}
}
