//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/cache"
	"postern/cmd/internal/config"
	"postern/cmd/internal/front"
	"postern/cmd/internal/sendmail"
	"postern/rules"
	"postern/rules/facts"
)

// agreeConf leaves out what old mail of other people breaks, so that much of it is clean.
const agreeConf = `provider: none
account: {username: alice, created: 2015-03-01, domains: [example.com]}
sendmail: {path: /bin/true, sender: www@example.com}
disabled:
  - rfc.received_present
  - rfc.returnpath_present
  - rfc.delivered_to
  - rfc.mboxfrom
  - rfc.date_skew
  - rfc.mailer_leak
  - rfc.obsolete_header
  - rfc.header_line78
  - rfc.body_line78
  - rfc.authresults
  - sender.alignment
  - sender.from_affiliation
  - sender.replyto_mismatch
  - bulk.dmarc_declared
  - recipients.dummy
  - submission.msa_will_fix
`

// The front hands on no message in which the whole program finds anything, of all the mail that there is, and it hands on some.
func TestFrontAgrees(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "messages", "*.eml"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d messages, %v", len(files), err)
	}
	if list, err := os.ReadFile("../../../shared/corpora/MESSAGES.tsv"); err == nil {
		n, step := 0, 12
		if os.Getenv("POSTERN_LONG") != "" {
			step = 1
		}
		for line := range strings.Lines(string(list)) {
			name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if n++; n%step == 0 {
				files = append(files, filepath.Join("../../../shared/corpora", name))
			}
		}
	}
	s := newSendmailTest(t, cold, "/bin/true", nil, "")
	s.write("postern.yaml", agreeConf)
	// What the front leaves to the whole program is not what is looked at.
	os.Remove(filepath.Join(s.dir, "postern"))
	s.write("postern", "#!/bin/sh\nexit 99\n")
	os.Chmod(filepath.Join(s.dir, "postern"), 0o755)
	old := cache.SystemDir
	cache.SystemDir = frontDir()
	defer func() { cache.SystemDir = old }()
	cfg, err := config.LoadAt(s.dir, filepath.Join(s.dir, "postern.yaml"), nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o, err := cfg.RuleOptions()
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEngine(context.Background(), cfg, func(o *rules.Options) { o.Guards = rules.GuardsVerify })
	if err != nil {
		t.Fatal(err)
	}
	_, err = front.Save(s.env(), cfg.File, 0o644, os.Getgid(), func() (*front.Entry, error) {
		entry, err := makeEntry(cfg, e, front.Policies{}, o, time.Now())
		if err == nil {
			entry.Full, err = cache.Identify(filepath.Join(s.dir, "postern"))
		}
		return entry, err
	})
	if err != nil {
		t.Fatal(err)
	}
	count, reasons := map[string]int{}, map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(s.sendmail, "-i", "-f", "alice@example.com", "bob@mail.postern.dev")
		var why bytes.Buffer
		cmd.Stdin, cmd.Stderr, cmd.Env, cmd.Dir = bytes.NewReader(text), &why, append(s.env(), "POSTERN_FRONT=explain"), s.dir
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		status := cmd.ProcessState.ExitCode()
		want, clean := wholeVerdict(t, e, text)
		switch {
		case status == 0 && !clean:
			t.Errorf("%s: the front hands it on, and the whole program says %d", file, want)
		case status == 0:
			count["handed on"]++
		case status == 99:
			if count["left"]++; clean {
				count["of them clean"]++
				reasons[strings.TrimSpace(why.String())]++
			}
		default:
			if count["refused"]++; status != want {
				t.Errorf("%s: the front refuses it with %d, the whole program says %d", file, status, want)
			}
		}
	}
	if count["handed on"] == 0 || count["left"] == 0 {
		t.Errorf("%v", count)
	}
	t.Logf("%d messages: %v; clean ones were left for %v", len(files), count, reasons)
}

// wholeVerdict is what the whole program would do with a message: the exit status, and whether it finds nothing at all.
func wholeVerdict(t *testing.T, e *rules.Engine, text []byte) (status int, clean bool) {
	t.Helper()
	m, bad := sendmail.Read(bytes.NewReader(text), sendmail.Options{IgnoreDots: true})
	if bad != nil {
		return bad.Answer().Exit, false
	}
	defer m.Close()
	f, bad := m.Facts(sendmail.Envelope{Sender: "alice@example.com", Recipients: []string{"bob@mail.postern.dev"}}, false, facts.Options{Now: time.Now()})
	if bad != nil {
		return bad.Answer().Exit, false
	}
	v := e.Judge(context.Background(), f)
	leaveOut(e, &v, sendmail.Writes, "", "")
	if v.Outcome == rules.Pass {
		return 0, len(v.Findings) == 0
	}
	return 77, false
}
