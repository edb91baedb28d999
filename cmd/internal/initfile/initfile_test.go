package initfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/cmd/internal/config"
	"postern/rules"
)

var clock = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type failing struct{ reason string }

func (f failing) Write([]byte) (int, error) { return 0, errors.New(f.reason) }

func write(t *testing.T, a Answers) (string, *config.Config) {
	t.Helper()
	a.Now = clock
	var b strings.Builder
	if err := Write(&b, a); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), config.FileName)
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.LoadAt("", file, nil, clock)
	if err != nil {
		t.Fatalf("the file does not load: %v\n%s", err, b.String())
	}
	return b.String(), c
}

func TestWriteLoads(t *testing.T) {
	full := Answers{Provider: "pair", Username: "alice", Created: "2015-03-01", Plan: `Basic: "old" # 1`, ServerNumber: 7,
		Domains: []string{"example.com", "bücher.example"}, Addresses: []string{"a#b@example.net"}, ServerSize: 41943040}
	_, c := write(t, full)
	a := c.Account
	if a.Username != "alice" || a.Created != "2015-03-01" || a.Plan != full.Plan || a.ServerNumber != 7 || len(a.Domains) != 2 ||
		a.Addresses[0] != "a#b@example.net" || c.ServerSize != 41943040 {
		t.Errorf("read back %+v", a)
	}
	for _, c := range []struct {
		name string
		a    Answers
		want config.Submission
	}{
		{"new account", full, config.Submission{Host: "alice.mail.pairserver.com", Port: 465, TLS: "implicit"}},
		{"first new day", Answers{Username: "alice", Created: "2011-06-01"}, config.Submission{Host: "alice.mail.pairserver.com", Port: 465, TLS: "implicit"}},
		{"old account", Answers{Username: "alice", Created: "2011-05-31", ServerNumber: 12}, config.Submission{Host: "mail12.pair.com", Port: 465, TLS: "implicit"}},
		{"port 587", Answers{Username: "alice", Created: "2015-03-01", Port: 587}, config.Submission{Host: "alice.mail.pairserver.com", Port: 587, TLS: "starttls"}},
		{"starttls", Answers{Host: "smtp.example.net", TLS: "starttls", Provider: "none"}, config.Submission{Host: "smtp.example.net", Port: 587, TLS: "starttls"}},
	} {
		_, got := write(t, c.a)
		if got.Submission == nil || got.Submission.Auth == nil || !*got.Submission.Auth || got.Submission.Verify == nil || !*got.Submission.Verify {
			t.Fatalf("%s: submission %+v", c.name, got.Submission)
		}
		c.want.Auth, c.want.Verify = got.Submission.Auth, got.Submission.Verify
		if diff := cmp.Diff(c.want, *got.Submission); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
	}
	for name, a := range map[string]Answers{
		"nothing": {}, "none": {Provider: "none"}, "no host yet": {Username: "alice", Created: "2009-01-01"}, "domains only": {Domains: []string{"example.com"}},
	} {
		text, c := write(t, a)
		if c.Submission != nil {
			t.Errorf("%s: a host out of nothing: %+v", name, c.Submission)
		}
		if !strings.Contains(text, "before June 1, 2011, your SMTP server is mail###.pair.com") || !strings.Contains(text, "SIZE 41943040") {
			t.Errorf("%s: the comments lack what they must say", name)
		}
	}
}

// What stands in comments is right too: with every # before a key taken away the file still loads.
func TestCommentedKeysAreRight(t *testing.T) {
	text, _ := write(t, Answers{})
	commented := regexp.MustCompile(`(?m)^( *)# ( *(?:[a-z_]+(?:\.[a-z_]+)*:(?: [^ ].*)?))$`)
	if len(commented.FindAllString(text, -1)) < 12 {
		t.Fatalf("too few commented keys in\n%s", text)
	}
	text = commented.ReplaceAllString(text, "$1$2")
	c, err := config.Parse(config.FileName, []byte(text), clock)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, key := range []string{"account.username", "account.server_number", "submission.verify", "submission.user", "submission.password_file", "submission.pin", "submission.timeout", "server_size", "fail_on", "limits",
		"severities", "disabled", "policies"} {
		if _, ok := c.Origin(key); !ok {
			t.Errorf("no comment shows %s", key)
		}
	}
	e, err := rules.New(t.Context(), rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for _, r := range e.Rules() {
		known[r.ID] = nil
		for _, l := range r.Limits {
			known[r.ID] = append(known[r.ID], l.Name)
		}
	}
	if err := c.CheckRules(known); err != nil {
		t.Error(err)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		a    Answers
		want string
	}{
		{Answers{Created: "2015-02-30"}, `account.created: "2015-02-30" is no day of the calendar`},
		{Answers{Username: "alice: {"}, "account.username: "},
		{Answers{Domains: []string{"co.uk"}}, "account.domains[0]: "},
		{Answers{Username: "alice", Created: "2015-03-01", Host: "mail1.pair.com"}, "submission.host: mail1.pair.com is for accounts created before"},
		{Answers{Created: "x\nfail_on: info"}, ""},
		{Answers{Provider: "pair\nfail_on: info"}, ""},
	} {
		c.a.Now = clock
		var b strings.Builder
		err := Write(&b, c.a)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || b.Len() > 0 {
			t.Errorf("%+v: %v, %d octets written", c.a, err, b.Len())
		}
	}
	if err := Write(failing{"disk full"}, Answers{}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("a full disk: %v", err)
	}
}

func TestAsk(t *testing.T) {
	var out strings.Builder
	a := Answers{Now: clock}
	in := "\nalice@example.com\n\nalice\n2015-02-30\n2009-03-01\n123\nexample.com, co.uk\nexample.com  example.org\n\n40M\n41943040"
	if err := Ask(strings.NewReader(in), &out, &a); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	want := Answers{Provider: "pair", Username: "alice", Created: "2009-03-01", ServerNumber: 123, Domains: []string{"example.com", "example.org"},
		ServerSize: 41943040, Now: clock}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, text := range []string{"is a mailbox", "this is needed", "no day of the calendar", "public suffix", "no whole number"} {
		if strings.Count(out.String(), text) != 1 {
			t.Errorf("%q is not said once in\n%s", text, out.String())
		}
	}
	if _, c := write(t, a); c.Submission.Host != "mail123.pair.com" {
		t.Errorf("host %q", c.Submission.Host)
	}
}

func TestAskOnlyWhatIsMissing(t *testing.T) {
	var out strings.Builder
	a := Answers{Provider: "pair", Username: "alice", Created: "2015-03-01", Domains: []string{"example.com"}, Addresses: []string{"a@example.net"}, Now: clock}
	if err := Ask(strings.NewReader("\n"), &out, &a); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "?"); got != 1 || !strings.Contains(out.String(), "SIZE") {
		t.Errorf("asked %d questions: %s", got, out.String())
	}
	out.Reset()
	a.ServerSize = 70000
	if err := Ask(strings.NewReader(""), &out, &a); err != nil || out.Len() > 0 {
		t.Errorf("nothing is missing: %v, %q", err, out.String())
	}
	none := Answers{Provider: "none", Now: clock}
	if err := Ask(strings.NewReader("\n\n\n"), &out, &none); err != nil || strings.Contains(out.String(), "ACC") {
		t.Errorf("a provider of no rules: %v, %s", err, out.String())
	}
}

func TestAskEnds(t *testing.T) {
	for _, c := range []struct {
		name string
		in   io.Reader
		want string
	}{
		{"end of input", strings.NewReader("pair\nalice\n"), "the input ended before account.created was answered"},
		{"end at once", strings.NewReader(""), "the input ended before provider was answered"},
		{"wrong for ever", strings.NewReader(strings.Repeat("y\n", 1000)), "provider: no usable answer in 10 tries"},
		{"one endless line", strings.NewReader(strings.Repeat("y", 1<<20)), "the input ended before provider was answered"},
		{"long lines", strings.NewReader(strings.Repeat(strings.Repeat("y", 10000)+"\n", 20)), "no usable answer in 10 tries"},
		{"broken input", iotest.ErrReader(errors.New("torn")), "read provider: torn"},
	} {
		if err := Ask(c.in, io.Discard, &Answers{Now: clock}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if err := Ask(strings.NewReader("pair\n"), failing{"closed"}, &Answers{}); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("closed output: %v", err)
	}
}
