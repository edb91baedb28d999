//go:build linux

package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
)

// countConf has a ledger, and no rule that stands against what the tests send.
const countConf = "ledger:\n  url: book/ledger.db\nlimits:\n  pair.batch_pace:\n    seconds: 0\n"

// newCounting makes a sendmailTest with a ledger of which the front that counts has an entry.
func newCounting(t *testing.T, more string) *sendmailTest {
	t.Helper()
	s := newSendmailTest(t, counting, "", nil, countConf+more)
	if err := os.Mkdir(filepath.Join(s.dir, "book"), 0o700); err != nil {
		t.Fatal(err)
	}
	return s
}

// rows are the messages that the ledger has, by what does not differ from message to message.
func (s *sendmailTest) rows() (rows []string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "book", "ledger.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	found, err := db.Query(`SELECT account, sender, lease, octets, recipients, hex(hashes), web, fingerprint FROM postern_entry ORDER BY seq`)
	if err != nil {
		s.t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var v [8]string
		if err := found.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]); err != nil {
			s.t.Fatal(err)
		}
		rows = append(rows, fmt.Sprintf("%q", v))
	}
	return rows
}

// A front that counts writes into the ledger and the log what the whole program writes.
func TestFrontCounts(t *testing.T) {
	t.Setenv("GATEWAY_INTERFACE", "CGI/1.1")
	s := newCounting(t, "disabled: [rfc.mime_alt_missingtext, rfc.mailer_leak]\n")
	words := ""
	for i := range 40 {
		words += fmt.Sprintf("word%d and\n", i)
	}
	html := strings.Replace(goodMail, "Date:", "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nDate:", 1) + "<p>" + words + "</p>\n"
	sent := 0
	for n, message := range []string{
		goodMail, goodMail + words, html,
		strings.Replace(goodMail, "Bob <bob@mail.postern.dev>", "b@mail.postern.dev, c@mail.postern.dev", 1),
		strings.Replace(goodMail, "Subject:", "X-PHP-Originating-Script: 33:mail.php\nSubject:", 1),
	} {
		if status, _, stderr := s.command(s.other(), message, cleanArgs...); status != 0 {
			t.Fatalf("%d: status %d, %s", n, status, stderr)
		}
		s.warm()
		why, status, stderr := s.explain(message, nil, cleanArgs...)
		if why != "" || status != 0 || stderr != "" {
			t.Errorf("%d: left for %q, status %d, %s", n, why, status, stderr)
		}
		sent += 2
		rows := s.rows()
		if len(rows) != sent || rows[sent-1] != rows[sent-2] || !strings.Contains(rows[sent-1], `"alice" "uid:`+strconv.Itoa(os.Getuid())+`" "0"`) {
			t.Fatalf("%d: the ledger has %q", n, rows)
		}
		if (n == 1 || n == 2) == strings.HasSuffix(rows[sent-1], `"1" ""]`) {
			t.Errorf("%d: a fingerprint is there, or is not: %s", n, rows[sent-1])
		}
		d := s.decisions()
		a, b := d[sent-2], d[sent-1]
		if a.Message != b.Message || a.Policy != b.Policy || b.Verdict != "pass" || a.Result != b.Result || a.Status != b.Status || a.Transport != b.Transport || a.Sender != b.Sender {
			t.Errorf("%+v\nis not\n%+v", a, b)
		}
	}
	if len(s.got()) != sent || s.counted() != sent {
		t.Errorf("%d sent, %d counted", len(s.got()), s.counted())
	}
	_, told, _ := s.command(filepath.Join(s.dir, "postern"), "", "policy", "cache", "--config", filepath.Join(s.dir, "postern.yaml"))
	if !strings.Contains(told, " rules judge the mail of ") || !strings.Contains(told, "-tags ledger") {
		t.Errorf("policy cache: %s", told)
	}
}

// historyRule looks at the history without saying that it needs one.
const historyRule = `# METADATA
# scope: package
# title: Only one message
# description: The board wants no more.
# custom:
#   severity: error
#   clause: House rule 2
#   remedy: Send no more.
package custom.postern.rules.house.once

findings contains {"message": "once"} if input.history.windows[_].account.messages > 1
`

// What a front that counts does not hand over is counted once if the whole program sends it, and else not at all.
func TestFrontCountsOnce(t *testing.T) {
	for _, tt := range []struct {
		name, conf string
		first      bool // a message goes out before
		change     func(s *sendmailTest)
		message    string
		why        string
		status     int
		line       string
	}{
		{name: "too many", conf: "  recipients.hour:\n    recipients: 1\n", first: true, why: "the rule recipients.hour may find something", status: 75, line: "4.7.1 [recipients.hour] "},
		{name: "too many, which only warns", conf: "  recipients.hour:\n    recipients: 1\nseverities:\n  recipients.hour: warning\n", first: true, why: "the rule recipients.hour may find something"},
		{name: "too fast", conf: "  pair.batch_pace:\n    seconds: 1000\n", first: true, why: "the rule pair.batch_pace may find something", status: 75, line: "4.7.1 [pair.batch_pace] "},
		{name: "a rule of the house", conf: "policies: [p]\n", first: true, why: "the rule house.once may find something", status: 77, line: "5.7.1 [house.once] "},
		{name: "a finding", first: true, message: strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1), why: "the rule ", status: 77, line: "5.7.1 [pair.sender_unaffiliated] "},
		{name: "a hint", first: true, message: goodMail + strings.Repeat("long ", 40) + "\n", why: "the rule "},
		{name: "no real sendmail", first: true, change: func(s *sendmailTest) { s.write("real", "#!/nonexistent\n") }, status: 75, line: "4.3.0 the real sendmail "},
		{name: "a server", change: func(s *sendmailTest) {
			s.edit("postern.yaml", "url: book/ledger.db", "url: redis://127.0.0.1:1/0\n  key_file: key")
		}, why: "a ledger on a server counts what is sent", status: 75, line: "4.3.0 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conf := tt.conf
			if strings.Contains(conf, "pair.batch_pace") {
				conf = strings.Replace(conf, "  pair.batch_pace:\n", "", 1)
			}
			s := newCounting(t, "")
			if conf != tt.conf {
				s.edit("postern.yaml", "    seconds: 0\n", conf)
			} else {
				s.edit("postern.yaml", "    seconds: 0\n", "    seconds: 0\n"+conf)
			}
			if strings.Contains(conf, "policies") {
				os.Mkdir(filepath.Join(s.dir, "p"), 0o755)
				s.write("p/x.rego", historyRule)
			}
			sent := 0
			if tt.first {
				s.warm()
				if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
					t.Fatalf("left for %q, status %d, %s", why, status, stderr)
				}
				sent = 1
			}
			if tt.change != nil {
				tt.change(s)
			}
			if tt.message == "" {
				tt.message = goodMail
			}
			s.warm()
			why, status, stderr := s.explain(tt.message, nil, cleanArgs...)
			if !strings.Contains(why, tt.why) || (why == "") != (tt.why == "") || status != tt.status || !strings.HasPrefix(stderr, tt.line) {
				t.Errorf("left for %q, want %q; status %d, want %d\n%s", why, tt.why, status, tt.status, stderr)
			}
			if status == 0 {
				sent++
			}
			if got := len(s.got()); got != sent {
				t.Errorf("%d sent, not %d", got, sent)
			}
			if tt.name != "a server" {
				if rows := s.rows(); len(rows) != sent || s.counted() != sent {
					t.Errorf("%d sent, the ledger has %q", sent, rows)
				}
			}
		})
	}
}

// When the ledger cannot be used the front that counts says so in the words of the whole program.
func TestFrontLedgerAway(t *testing.T) {
	for name, change := range map[string]func(s *sendmailTest, book string){
		"garbage": func(s *sendmailTest, book string) {
			for _, name := range []string{"ledger.db", "ledger.db-wal", "ledger.db-shm"} { // what is not written back yet would mend it
				s.write("book/"+name, "")
			}
			s.write("book/ledger.db", strings.Repeat("this is no ledger", 1000))
		},
		"open to others": func(_ *sendmailTest, book string) { os.Chmod(filepath.Join(book, "ledger.db"), 0o644) },
		"open directory": func(_ *sendmailTest, book string) { os.Chmod(book, 0o777) },
		"no directory":   func(_ *sendmailTest, book string) { os.RemoveAll(book) },
		"no key":         func(_ *sendmailTest, book string) { os.WriteFile(filepath.Join(book, "ledger.db.key"), nil, 0o600) },
		"another key": func(_ *sendmailTest, book string) {
			os.Remove(filepath.Join(book, "ledger.db.key"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newCounting(t, "")
			s.warm()
			if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
				t.Fatalf("left for %q, status %d, %s", why, status, stderr)
			}
			change(s, filepath.Join(s.dir, "book"))
			why, status, stderr := s.explain(goodMail, nil, cleanArgs...)
			_, _, want := s.command(s.other(), goodMail, cleanArgs...)
			if why != "" || status != 75 || stderr != want || !strings.HasPrefix(want, "4.3.0 ledger: ") {
				t.Errorf("left for %q, status %d\n%snot\n%s", why, status, stderr, want)
			}
			if len(s.got()) != 1 {
				t.Errorf("%d sent", len(s.got()))
			}
		})
	}
}

// A message of which the decision cannot be written down is not sent, and not counted.
func TestFrontCountsNoFailedLog(t *testing.T) {
	s := newCounting(t, "")
	for n := range 2 {
		s.warm()
		cmd := s.strace(t, []string{"write:error=ENOSPC"}, cleanArgs...)
		if n == 1 {
			cmd.Args = slices.Insert(cmd.Args, 1, "-P", s.log)
		} else {
			cmd = exec.Command(s.sendmail, cleanArgs...)
			cmd.Env, cmd.Dir = s.env(), s.dir
		}
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stderr, cmd.Env = strings.NewReader(goodMail), &stderr, append(cmd.Env, "POSTERN_FRONT=explain")
		cmd.Run()
		text := stderr.String()
		if status := cmd.ProcessState.ExitCode(); status != 75*n || n == 1 && (!strings.HasPrefix(text, "postern: front: write ") || !strings.Contains(text, "\n4.3.0 the decision log ")) {
			t.Errorf("status %d, %s", status, text)
		}
		if rows := s.rows(); len(rows) != 1 || len(s.got()) != 1 {
			t.Errorf("%d sent, the ledger has %q", len(s.got()), rows)
		}
	}
}

// A message that is left to the whole program is never counted twice, and never sent because its place could not be given back.
func TestFrontGivesBackOrStops(t *testing.T) {
	s := newCounting(t, "  recipients.hour:\n    recipients: 1\n")
	s.warm()
	if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
		t.Fatalf("left for %q, status %d, %s", why, status, stderr)
	}
	stopped := 0
	for _, call := range []string{"pwrite64:error=EIO", "fdatasync:error=EIO", "fsync:error=EIO"} {
		for n := 1; n <= 24; n++ {
			if n > 6 && call != "pwrite64:error=EIO" {
				break
			}
			before := len(s.rows())
			var stderr bytes.Buffer
			cmd := s.strace(t, []string{fmt.Sprintf("%s:when=%d", call, n)}, cleanArgs...)
			cmd.Stdin, cmd.Stderr = strings.NewReader(goodMail), &stderr
			cmd.Env = append(cmd.Env, "POSTERN_FRONT=explain")
			cmd.Run()
			text := stderr.String()
			if status := cmd.ProcessState.ExitCode(); status != 75 || !strings.Contains(text, "4.3.0 ") && !strings.Contains(text, "4.7.1 [recipients.hour] ") || len(s.got()) != 1 {
				t.Errorf("%s %d: status %d, %d sent: %s", call, n, status, len(s.got()), text)
			}
			if strings.Contains(text, "4.7.1 ") && !strings.Contains(text, fmt.Sprintf("%d recipients in %d messages ", before+1, before+1)) {
				t.Errorf("%s %d: it was counted twice, after %d messages: %s", call, n, before, text)
			}
			rows := len(s.rows())
			if rows > before+1 {
				t.Errorf("%s %d: the ledger had %d messages and has %d: %s", call, n, before, rows, text)
			}
			if rows > before && !strings.Contains(text, "postern: front: ") {
				stopped++
			}
		}
	}
	if s.counted() != 1 || stopped == 0 {
		t.Errorf("%d counted, %d stopped", s.counted(), stopped)
	}
}

// A front that counts and is killed, at any system call, has sent nothing that is not counted, and says of nothing that it was sent which
// was not.
func TestFrontCountingKilled(t *testing.T) {
	runs := 24
	if long := os.Getenv("POSTERN_LONG"); long != "" {
		runs = 500
	}
	needs.Program(t, "strace")
	s := newCounting(t, "")
	s.run(goodMail, cleanArgs...)
	r := rand.New(rand.NewPCG(4, 2))
	calls := []string{"pwrite64", "fdatasync", "fsync", "openat", "fcntl", "pread64", "execve", "dup3", "close", "lseek", "mmap"}
	killed := 0
	for n := range runs {
		when := 1 + r.IntN(20)
		call := calls[n%len(calls)]
		if call == "execve" || call == "dup3" || call == "fsync" || call == "fdatasync" {
			when = 1 + r.IntN(3)
		}
		before := len(s.got())
		cmd := s.strace(t, []string{fmt.Sprintf("%s:signal=KILL:when=%d", call, when)}, cleanArgs...)
		cmd.Stdin = strings.NewReader(goodMail)
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		sent := len(s.got()) - before
		switch code := cmd.ProcessState.ExitCode(); {
		case code == 0 && sent != 1 || sent > 1:
			t.Errorf("%s %d: status %d, %d sent", call, when, code, sent)
		case code != 0:
			killed++
		}
		if counted := s.counted(); counted < len(s.got()) || counted > n+2 {
			t.Errorf("%s %d: %d sent, %d counted", call, when, len(s.got()), counted)
		}
	}
	if killed < runs/4 || killed == runs {
		t.Errorf("%d of %d killed", killed, runs)
	}
	if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
		t.Errorf("afterwards: left for %q, status %d, %s", why, status, stderr)
	}
}
