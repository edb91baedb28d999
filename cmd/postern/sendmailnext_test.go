//go:build linux

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/held"
	"postern/cmd/internal/submit/fakeserver"
)

// smtpServer starts a submission server and gives the part of postern.yaml that leads there.
func smtpServer(t *testing.T, s *sendmailTest, script fakeserver.Script) *fakeserver.Server {
	t.Helper()
	authority, err := fakeserver.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := authority.Certificate(time.Now().Add(time.Hour), "localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	script.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server, err := fakeserver.Start(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	s.write("ca.pem", string(authority.PEM))
	t.Setenv("SSL_CERT_FILE", filepath.Join(s.dir, "ca.pem"))
	s.write("password", "open sesame\n")
	if err := os.Chmod(filepath.Join(s.dir, "password"), 0o600); err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile(filepath.Join(s.dir, "postern.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(conf), "  path: "+s.real+"\n", "  transport: smtp\n", 1) +
		fmt.Sprintf("submission:\n  host: localhost\n  port: %d\n  tls: implicit\n  user: alice\n  password_file: password\n", server.Port())
	s.write("postern.yaml", text)
	return server
}

// With transport: smtp the server gets the octets that were judged, with CRLF, and its answer is the caller's.
func TestSendmailSubmits(t *testing.T) { eachWay(t, sendmailSubmits) }

func sendmailSubmits(t *testing.T, way way) {
	t.Run("taken", func(t *testing.T) {
		s := newSendmailTest(t, way, "", nil, "")
		server := smtpServer(t, s, fakeserver.Script{})
		message := strings.Replace(goodMail, "Subject:", "Bcc: eve@mail.postern.dev\nSubject:", 1) + ".\n..\nlast"
		status, stdout, stderr := s.run(message, "-t", "-i", "-falice@example.com")
		if status != 0 || stdout != "" || stderr != "" {
			t.Fatalf("status %d, %s", status, stderr)
		}
		seen := server.Stop()
		want := strings.ReplaceAll(goodMail+".\n..\nlast\n", "\n", "\r\n")
		if len(seen.Messages) != 1 || string(seen.Messages[0].Data) != want || fmt.Sprint(seen.Messages[0].To) != "[bob@mail.postern.dev eve@mail.postern.dev]" {
			t.Errorf("%+v", seen.Messages)
		}
		if d := s.decisions(); len(d) != 2 || !strings.HasPrefix(d[1].Result, "sent: 250 ") || d[1].Transport != "smtp" || d[0].Message != d[1].Message {
			t.Errorf("%+v", d)
		}
	})
	t.Run("fields that are missing", func(t *testing.T) {
		s := newSendmailTest(t, way, "", nil, "")
		server := smtpServer(t, s, fakeserver.Script{})
		bare := regexp.MustCompile(`(?m)^(Date|Message-ID):.*\n`).ReplaceAllString(goodMail, "")
		for _, message := range []string{bare, "Date: today\n" + bare} {
			status, _, stderr := s.run(message, "-t", "-i", "-falice@example.com")
			if today := strings.HasPrefix(message, "Date"); (status == 0) == today || today && !strings.Contains(stderr, "rfc.date") {
				t.Fatalf("status %d, %s", status, stderr)
			}
		}
		want := regexp.MustCompile(`^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [-+]\d{4}\r\nMessage-ID: <[A-Z2-7]{26}@example\.com>\r\n`)
		seen := server.Stop().Messages
		if len(seen) != 1 || !want.Match(seen[0].Data) || string(want.ReplaceAll(seen[0].Data, nil)) != strings.ReplaceAll(bare, "\n", "\r\n") {
			t.Errorf("%+v", seen)
		}
		if d := s.decisions(); len(d) != 3 || fmt.Sprint(d[0].Added, d[1].Added, d[2].Added) != "[Date Message-ID] [Date Message-ID] [Message-ID]" {
			t.Errorf("%+v", d)
		}
	})
	for name, tt := range map[string]struct {
		script fakeserver.Script
		status int
		line   string
		result string
	}{
		"recipient refused": {fakeserver.Script{On: map[string]fakeserver.Action{"RCPT": fakeserver.Reply("550 5.1.1 nobody")}}, 69, "5.1.1 ", "not sent: "},
		"later":             {fakeserver.Script{On: map[string]fakeserver.Action{"MAIL": fakeserver.Reply("451 4.7.1 later")}}, 75, "4.7.1 ", "not sent: "},
		"login":             {fakeserver.Script{On: map[string]fakeserver.Action{"AUTH": fakeserver.Reply("535 5.7.8 no")}}, 75, "4.7.8 ", "not sent: "},
		"answer lost":       {fakeserver.Script{On: map[string]fakeserver.Action{"END": fakeserver.Close}}, 75, "4.", "uncertain: "},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, "")
			server := smtpServer(t, s, tt.script)
			status, _, stderr := s.run(goodMail, "-t")
			if status != tt.status || !strings.HasPrefix(stderr, tt.line) {
				t.Errorf("status %d, %s", status, stderr)
			}
			if d := s.decisions(); len(d) != 2 || !strings.HasPrefix(d[1].Result, tt.result) {
				t.Errorf("%+v", d)
			}
			if strings.Contains(stderr+strings.Join(s.files("log"), ""), "sesame") {
				t.Error("the password is shown")
			}
			for _, m := range server.Stop().Messages {
				if m.Accepted {
					t.Error("taken")
				}
			}
		})
	}
	t.Run("login wrong for ever", func(t *testing.T) {
		s := newSendmailTest(t, way, "", nil, "  auth_failure: permanent\n")
		smtpServer(t, s, fakeserver.Script{On: map[string]fakeserver.Action{"AUTH": fakeserver.Reply("535 5.7.8 no")}})
		if status, _, stderr := s.run(goodMail, "-t"); status != 77 || !strings.HasPrefix(stderr, "5.7.8 ") {
			t.Errorf("status %d, %s", status, stderr)
		}
		if d := s.decisions(); len(d) != 2 || !strings.HasPrefix(d[1].Result, "not sent: ") {
			t.Errorf("%+v", d)
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		s := newSendmailTest(t, way, "", nil, "")
		server := smtpServer(t, s, fakeserver.Script{})
		server.Stop()
		if status, _, stderr := s.run(goodMail, "-t"); status != 75 || !strings.HasPrefix(stderr, "4.") {
			t.Errorf("status %d, %s", status, stderr)
		}
	})
}

// The ledger counts what goes out and nothing else, over many calls at once.
func TestSendmailCounts(t *testing.T) { eachCountingWay(t, sendmailCounts) }

func sendmailCounts(t *testing.T, way way) {
	const limit = 5
	conf := fmt.Sprintf("ledger:\n  url: ledger.db\nlimits:\n  recipients.hour:\n    recipients: %d\n  pair.batch_pace:\n    seconds: 0\n", limit)
	s := newSendmailTest(t, way, "", nil, conf)
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[int]int{}
	for range limit + 4 {
		wg.Go(func() {
			status, _, stderr := s.run(goodMail, cleanArgs...)
			mu.Lock()
			defer mu.Unlock()
			count[status]++
			if status == 75 && !strings.HasPrefix(stderr, "4.7.1 [recipients.hour] ") || status != 0 && status != 75 {
				t.Errorf("status %d, %s", status, stderr)
			}
		})
		// What fails for another reason is not counted.
		if status, _, _ := s.run(strings.Replace(goodMail, "alice@", "eve@x", 1), cleanArgs...); status != 77 {
			t.Errorf("status %d", status)
		}
	}
	wg.Wait()
	if count[0] != limit || len(s.got()) != limit {
		t.Errorf("%v, %d sent", count, len(s.got()))
	}
	// A ledger that is away, or broken, sends nothing.
	s.write("ledger.db", "this is no ledger")
	if status, _, stderr := s.run(goodMail, cleanArgs...); status != 75 || !strings.HasPrefix(stderr, "4.3.0 ") {
		t.Errorf("broken ledger: status %d, %s", status, stderr)
	}
	if len(s.got()) != limit {
		t.Error("sent without a ledger")
	}
}

// With pace: wait a message that comes too early waits, but not for ever; and a real sendmail that does not start gives its place back.
func TestSendmailWaits(t *testing.T) { eachCountingWay(t, sendmailWaits) }

func sendmailWaits(t *testing.T, way way) {
	conf := "ledger:\n  url: ledger.db\n  pace: wait\n  longest_wait: 30\nlimits:\n  pair.batch_pace:\n    seconds: 2\n"
	s := newSendmailTest(t, way, "", nil, conf)
	for n := range 2 {
		if status, _, stderr := s.run(goodMail, cleanArgs...); status != 0 {
			t.Fatalf("%d: status %d, %s", n, status, stderr)
		}
	}
	d := s.decisions()
	if len(d) != 2 {
		t.Fatalf("%+v", d)
	}
	s.write("real", "#!/nonexistent\n")
	if status, _, stderr := s.run(goodMail, cleanArgs...); status != 75 || !strings.HasPrefix(stderr, "4.3.0 the real sendmail") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if status, stdout, stderr := s.command(filepath.Join(s.dir, "postern"), "", "ledger", "show", "--format", "json"); status != 0 || !strings.Contains(stdout, `"messages": 2`) {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
}

// Held mail is listed, shown, sent once after it was judged again, and dropped; changed mail is never sent.
func TestHeld(t *testing.T) {
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	s := newSendmailTest(t, whole, "", nil, "")
	postern := func(want int, args ...string) string {
		t.Helper()
		status, stdout, stderr := s.command(filepath.Join(s.dir, "postern"), "", args...)
		if status != want {
			t.Errorf("%q: status %d, want %d\n%s%s", args, status, want, stdout, stderr)
		}
		return stdout + stderr
	}
	hold := func() string {
		t.Helper()
		if status, _, stderr := s.run(foreign, "-t", "-Nnever", "-Venv1"); status != 77 {
			t.Fatalf("status %d, %s", status, stderr)
		}
		store, err := held.Open(filepath.Join(s.dir, "held"))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		list, _, err := store.List()
		if err != nil || len(list) == 0 {
			t.Fatal(err)
		}
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].State == "held" {
				return list[i].ID
			}
		}
		t.Fatal("nothing is held")
		return ""
	}
	// Whoever is told of it by a postern with a configuration of its own can look at it as he is told.
	elsewhere := filepath.Join(s.dir, "elsewhere.yaml")
	if b, err := os.ReadFile(filepath.Join(s.dir, "postern.yaml")); err != nil {
		t.Fatal(err)
	} else {
		s.write("elsewhere.yaml", strings.NewReplacer("held: held", "held: other", "log: log", "log: otherlog").Replace(string(b)))
	}
	_, _, stderr := s.command(filepath.Join(s.dir, "postern"), foreign, "sendmail", "--config", elsewhere, "-t")
	_, told, _ := strings.Cut(stderr, "; postern ")
	told, _, _ = strings.Cut(told, "\n")
	if out := postern(0, strings.Fields(told)...); !strings.Contains(out, "recipient bob@mail.postern.dev") {
		t.Errorf("%q shows %s", told, out)
	}
	if out := postern(0, "held", "list"); !strings.Contains(out, "no mail is held\n") || !strings.Contains(out, "no mail is held yet, ") {
		t.Errorf("list before the first: %s", out)
	}
	id := hold()
	if out := postern(0, "held", "list"); !strings.Contains(out, id) || !strings.Contains(out, "pair.sender_unaffiliated") {
		t.Errorf("list: %s", out)
	}
	if out := postern(0, "held", "show", id); !strings.Contains(out, "recipient bob@mail.postern.dev") || !strings.Contains(out, "remedy: ") {
		t.Errorf("show: %s", out)
	}
	if out := postern(0, "held", "show", "--raw", id); out != foreign {
		t.Errorf("show --raw: %q", out)
	}
	if out := postern(1, "held", "release", id); !strings.Contains(out, "stays held") || len(s.got()) > 0 {
		t.Errorf("release: %s", out)
	}
	s.write("status", "75\n")
	postern(3, "held", "release", "--force", id) // the real sendmail says no: it is held as before
	if err := os.Remove(filepath.Join(s.dir, "got", filepath.Base(firstFile(t, s.dir, "got/*.eml")))); err != nil {
		t.Fatal(err)
	}
	os.Remove(firstFile(t, s.dir, "got/*.args"))
	os.Remove(filepath.Join(s.dir, "status"))
	postern(0, "held", "release", "--force", id)
	if got := s.got(); len(got) != 1 || got[0] != foreign {
		t.Errorf("got %q", got)
	}
	if args := s.files("got/*.args"); len(args) != 1 || args[0] != "-i\n-Nnever\n-Venv1\n-f\nwww@example.com\n--\nbob@mail.postern.dev\n" {
		t.Errorf("arguments %q", args)
	}
	// Nobody judged it, so that it is no pass in the log.
	if out := postern(0, "log", "--verdict", "unjudged"); !strings.Contains(out, "released  held release --force\n") {
		t.Errorf("log: %s", out)
	}
	if out := postern(0, "log", "--verdict", "pass"); out != "no decisions\n" {
		t.Errorf("log: %s", out)
	}
	if out := postern(3, "held", "release", "--force", id); !strings.Contains(out, "was released before") || len(s.got()) != 1 {
		t.Errorf("released twice: %s", out)
	}
	if out := postern(0, "held", "list", "--all"); !strings.Contains(out, "released: sent") {
		t.Errorf("list --all: %s", out)
	}
	// What was changed is not what was judged.
	id = hold()
	if err := os.WriteFile(filepath.Join(s.dir, "held", "new", id), []byte(strings.Replace(foreign, "Hello", "Hullo", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := postern(3, "held", "release", "--force", id); !strings.Contains(out, "is not the message that was held") || len(s.got()) != 1 {
		t.Errorf("changed: %s", out)
	}
	postern(0, "held", "drop", id)
	if out := postern(0, "held", "list"); out != "no mail is held\n" {
		t.Errorf("list: %s", out)
	}
	// Of many that release the same message at once, one sends it.
	id = hold()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { s.command(filepath.Join(s.dir, "postern"), "", "held", "release", "--force", id) })
	}
	wg.Wait()
	if got := s.got(); len(got) != 2 {
		t.Errorf("sent %d times", len(got)-1)
	}
	// The log tells all of it, and finds an address that it does not show.
	if out := postern(0, "log", "--address", "BOB@mail.postern.dev", "--verdict", "fail", "--rule", "pair.sender_unaffiliated"); strings.Count(out, "held ") != 3 || strings.Contains(out, "@") {
		t.Errorf("log: %s", out)
	}
	if out := postern(0, "log", "--address", "carol@mail.postern.dev"); out != "no decisions\n" {
		t.Errorf("log: %s", out)
	}
	if b, err := os.ReadFile(s.log); err != nil || strings.Contains(string(b), "@") {
		t.Errorf("addresses in the log: %v\n%s", err, b)
	}
}

// What was held for one transport can be released by the other: it gets the line ends that this one has.
func TestHeldChangesTransport(t *testing.T) {
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1) + ".\n..\nlast"
	s := newSendmailTest(t, whole, "", nil, "")
	conf := filepath.Join(s.dir, "postern.yaml")
	exec, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	server := smtpServer(t, s, fakeserver.Script{})
	smtp, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	release := func(text []byte) {
		t.Helper()
		s.write("postern.yaml", string(text))
		store, err := held.Open(filepath.Join(s.dir, "held"))
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		list, bad, err := store.List()
		list = slices.DeleteFunc(list, func(e held.Entry) bool { return e.State != "held" })
		if err != nil || len(bad) > 0 || len(list) != 1 {
			t.Fatalf("%v, %v, %+v", err, bad, list)
		}
		postern := filepath.Join(s.dir, "postern")
		if status, _, stderr := s.command(postern, "", "held", "release", list[0].ID); status != 1 {
			t.Errorf("a message that fails as before was released: status %d, %s", status, stderr)
		}
		if status, _, stderr := s.command(postern, "", "held", "release", "--force", list[0].ID); status != 0 {
			t.Errorf("status %d, %s", status, stderr)
		}
	}
	for i, text := range [][]byte{exec, smtp} {
		s.write("postern.yaml", string(text))
		if status, _, stderr := s.run(foreign, "-t", "-i"); status != 77 {
			t.Fatalf("status %d, %s", status, stderr)
		}
		release([][]byte{smtp, exec}[i])
	}
	if seen := server.Stop(); len(seen.Messages) != 1 || string(seen.Messages[0].Data) != strings.ReplaceAll(foreign+"\n", "\n", "\r\n") {
		t.Errorf("by SMTP: %+v", seen.Messages)
	}
	if got := s.got(); len(got) != 1 || got[0] != foreign+"\n" {
		t.Errorf("by the real sendmail: %q", got)
	}
}

func firstFile(t *testing.T, dir, pattern string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(names) == 0 {
		t.Fatal(errors.Join(err, errors.New("no "+pattern)))
	}
	return names[0]
}
