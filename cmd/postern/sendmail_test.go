//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"postern/cmd/internal/decisions"
	"postern/cmd/internal/needs"
	"postern/cmd/internal/testpostfix"
)

// sendmailTest is a directory with a postern.yaml and the program under the name sendmail.
type sendmailTest struct {
	t        testing.TB
	dir      string
	sendmail string
	real     string
	// log is the decision log.
	log string
	way way
	// caches is XDG_CACHE_HOME. All tests share what their runs leave, so that only the first with its options compiles the policies.
	caches string
}

const goodMail = `From: Alice <alice@example.com>
To: Bob <bob@mail.postern.dev>
Subject: minutes
Date: Wed, 25 Nov 2026 22:40:00 +0000
Message-ID: <1@example.com>

Hello Bob
`

// newSendmailTest writes a configuration with an account, a log and held mail. The real sendmail is path with args; "" is a script
// that writes what it gets into the directory got.
func newSendmailTest(t testing.TB, way way, path string, args []string, more string) *sendmailTest {
	t.Helper()
	if way != whole {
		needs.WithoutRace(t, "the front is built without it")
	}
	s := &sendmailTest{t: t, dir: t.TempDir(), real: path, caches: filepath.Join(filepath.Dir(frontDir()), "own")}
	if err := os.Chmod(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.log = filepath.Join(s.dir, "log")
	if path == "" {
		s.real = filepath.Join(s.dir, "real")
		s.write("real", `#!/bin/sh
cd '`+s.dir+`' || exit 99
cat >got/$$.tmp || exit 98
printf '%s\n' "$@" >got/$$.args
env >got/$$.env
mv got/$$.tmp got/$$.eml
[ -f status ] && exit $(cat status)
exit 0
`)
		if err := os.Chmod(s.real, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(s.dir, "got"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	conf := "account:\n  username: alice\n  created: 2015-03-01\n  domains: [example.com]\nsendmail:\n  path: " + s.real +
		"\n  sender: www@example.com\n  log: log\n  held: held\n"
	if len(args) > 0 {
		conf += "  args: [" + strings.Join(args, ", ") + "]\n"
	}
	s.write("postern.yaml", conf+more)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sendmail", "postern"} {
		if err := os.Symlink(own, filepath.Join(s.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s.sendmail = filepath.Join(s.dir, "sendmail")
	s.way = way
	if s.way != whole {
		s.install()
	}
	return s
}

func (s *sendmailTest) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// env is the environment of callers: the configuration is found by it.
func (s *sendmailTest) env() []string {
	return append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "POSTERN_") }),
		"POSTERN_CONFIG="+filepath.Join(s.dir, "postern.yaml"), "XDG_CACHE_HOME="+s.caches, frontCache+"="+frontDir())
}

// run calls sendmail and gives its exit status and what it printed.
func (s *sendmailTest) run(message string, args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	if s.way == warm || s.way == counting {
		s.warm()
	}
	return s.command(s.sendmail, message, args...)
}

func (s *sendmailTest) command(program, stdin string, args ...string) (status int, stdout, stderr string) {
	s.t.Helper()
	cmd := exec.Command(program, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env, cmd.Dir = strings.NewReader(stdin), &out, &errs, s.env(), s.dir
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// got gives the messages that the script has got.
func (s *sendmailTest) got() []string { return s.files("got/*.eml") }

func (s *sendmailTest) files(pattern string) []string {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.dir, pattern))
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

func (s *sendmailTest) decisions() []decisions.Entry {
	s.t.Helper()
	var list []decisions.Entry
	damaged, err := decisions.Read(s.log, s.log+".key", decisions.Filter{}, func(e *decisions.Entry) error { list = append(list, *e); return nil })
	if err != nil || damaged > 0 {
		s.t.Fatalf("log: %v, %d lines damaged", err, damaged)
	}
	return list
}

// What passes reaches the real sendmail whole, with the envelope as arguments, by a descriptor that cannot be changed, and its
// exit status is the program's.
func TestSendmailHandsOver(t *testing.T) { eachWay(t, sendmailHandsOver) }

func sendmailHandsOver(t *testing.T, way way) {
	s := newSendmailTest(t, way, "", nil, "")
	s.write("status", "42\n")
	message := strings.Replace(goodMail, "Subject:", "bCC: eve@mail.postern.dev,\n  \"E, V\" <e.v@mail.postern.dev>\nSubject:", 1)
	status, stdout, stderr := s.run(strings.ReplaceAll(message, "\n", "\r\n")+".\nnot sent\n", "-t", "-Nfailure", "-falice@example.com", "carol@mail.postern.dev")
	if status != 42 || stdout != "" || stderr != "" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if got := s.got(); len(got) != 1 || got[0] != goodMail {
		t.Errorf("got %q", got)
	}
	want := "-i\n-Nfailure\n-f\nalice@example.com\n--\ncarol@mail.postern.dev\nbob@mail.postern.dev\neve@mail.postern.dev\ne.v@mail.postern.dev\n"
	if got := s.files("got/*.args"); len(got) != 1 || got[0] != want {
		t.Errorf("arguments %q", got)
	}
	for _, line := range strings.Split(strings.TrimSpace(s.files("got/*.env")[0]), "\n") {
		name, value, _ := strings.Cut(line, "=")
		if !slices.Contains([]string{"HOME", "USER", "LOGNAME", "TZ", "LANG", "LC_ALL", "PATH", "PWD", "POSTERN_SENDMAIL_CALLED", "_", "OLDPWD", "SHLVL"}, name) {
			t.Errorf("the real sendmail has %s=%s in its environment", name, value)
		}
	}
	sum := sha256.Sum256([]byte(goodMail))
	if d := s.decisions(); len(d) != 1 || d[0].Message != hex.EncodeToString(sum[:]) || d[0].Result != "handed over" || d[0].Recipients != 4 || strings.Contains(d[0].To[0]+d[0].Sender, "@") {
		t.Errorf("log %+v", d)
	}
}

// What is refused goes nowhere, says why in its first line, and is held with what was decided.
func TestSendmailRefuses(t *testing.T) { eachWay(t, sendmailRefuses) }

func sendmailRefuses(t *testing.T, way way) {
	long := strings.Replace(goodMail, "Subject:", "To: "+strings.Repeat("x@mail.postern.dev, ", 60_000)+"y@mail.postern.dev\nSubject:", 1)
	for _, tt := range []struct {
		name, message string
		args          []string
		status        int
		line          string // that stderr begins with
		held          int
	}{
		{"foreign", strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1), []string{"-t"}, 77, "5.7.1 [pair.sender_unaffiliated] ", 1},
		{"envelope", goodMail, []string{"-t", "-feve@mail.postern.dev"}, 77, "5.7.1 [sender.envelope_affiliation] ", 1},
		{"ambiguous", strings.Replace(goodMail, "Date:", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\nContent-Type: text/plain\nDate:", 1), []string{"-t"}, 65, "5.6.0 [mime.ambiguous_duplicate_content_type] ", 1},
		{"unclosed recipients", strings.Replace(goodMail, "Bob <bob@", "\"Bob <bob@", 1), []string{"-t"}, 65, "5.6.0 ", 0},
		{"bare CR", goodMail + "x\ry\n", []string{"-t"}, 65, "5.5.2 [rfc.eol_barecr] ", 0},
		{"NUL", goodMail + "x\x00y\n", []string{"-t"}, 65, "5.5.2 [rfc.nul] ", 1},
		{"header", "X: y\n" + strings.Repeat("X-"+strings.Repeat("y", 900)+": z\n", 1300) + goodMail, []string{"-t"}, 65, "5.3.4 [limit.header_bytes] ", 0},
		{"recipients", long, []string{"-t"}, 65, "5.3.4 [limit.header_bytes] ", 0},
		{"empty", "", []string{"-t"}, 75, "4.3.0 ", 0},
		{"only a dot", ".\n" + goodMail, []string{"-t"}, 75, "4.3.0 ", 0},
		{"nobody", strings.Replace(goodMail, "To:", "X-To:", 1), []string{"-t"}, 64, "5.5.1 ", 0},
		{"nobody named", goodMail, nil, 64, "5.5.1 ", 0},
		{"two in one", goodMail, []string{"a b@mail.postern.dev"}, 64, "5.1.3 ", 0},
		{"hyphen", goodMail, []string{"--", "-x@mail.postern.dev"}, 64, "5.1.3 ", 0},
		{"unqualified", goodMail, []string{"root"}, 64, "5.1.3 ", 0},
		{"sender", goodMail, []string{"-t", "-f", "a@b c@d"}, 64, "5.1.7 ", 0},
		{"queue", goodMail, []string{"-q"}, 64, "5.5.4 ", 0},
		{"configuration", goodMail, []string{"-C/tmp/x", "-t"}, 64, "5.5.4 ", 0},
		{"log file", goodMail, []string{"-t", "-X", "/tmp/x"}, 64, "5.5.4 ", 0},
		{"daemon", goodMail, []string{"-bd"}, 64, "5.5.4 ", 0},
		{"expansion", goodMail, []string{"-be", "${run{/bin/id}}"}, 64, "5.5.4 ", 0},
		{"dialogue", "HELO x\n", []string{"-bs"}, 64, "5.5.4 ", 0},
		{"option", goodMail, []string{"-tO", "QueueDirectory=/tmp"}, 64, "5.5.4 ", 0},
		{"old option", goodMail, []string{"-oQ/tmp", "-t"}, 64, "5.5.4 ", 0},
		{"unknown", goodMail, []string{"-Z"}, 64, "5.5.4 ", 0},
	} {
		if way == warm && tt.line == "5.5.4 " {
			continue // no entry plays a part, see cold
		}
		t.Run(tt.name, func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, "")
			status, stdout, stderr := s.run(tt.message, tt.args...)
			if status != tt.status || !strings.HasPrefix(stderr, tt.line) || stdout == "" || !strings.HasPrefix(stderr, stdout) || strings.Count(stdout, "\n") != 1 {
				t.Errorf("status %d, want %d %s\nstdout: %s\nstderr: %s", status, tt.status, tt.line, stdout, stderr)
			}
			if got := s.got(); len(got) > 0 {
				t.Errorf("sent: %q", got)
			}
			if held := s.files("held/new/*"); len(held) != tt.held || len(held) == 1 && !strings.Contains(tt.message, held[0][len(held[0])/2:]) {
				t.Errorf("held: %q", held)
			}
		})
	}
}

// With reject_exit callers that know one status only are told that one, with the same text, of what a rule refuses for ever.
func TestSendmailRejectExit(t *testing.T) {
	for _, tt := range []struct {
		message, line string
		status        int
	}{
		{strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1), "5.7.1 [pair.sender_unaffiliated] ", 69},
		{goodMail + "x\x00y\n", "5.5.2 [rfc.nul] ", 69},
		{goodMail, "", 0},
		{strings.Replace(goodMail, "To:", "X-To:", 1), "5.5.1 ", 64}, // no rule does
		{"", "4.3.0 ", 75},
	} {
		s := newSendmailTest(t, warm, "", nil, "  reject_exit: 69\n")
		if status, _, stderr := s.run(tt.message, "-t"); status != tt.status || !strings.HasPrefix(stderr, tt.line) {
			t.Errorf("status %d, want %d %s\n%s", status, tt.status, tt.line, stderr)
		}
	}
}

// Without what mail needs to be judged and sent, nothing goes out, and the caller is told to come again.
func TestSendmailFailsClosed(t *testing.T) { eachWay(t, sendmailFailsClosed) }

func sendmailFailsClosed(t *testing.T, way way) {
	type change func(s *sendmailTest)
	conf := func(old, new string) change {
		return func(s *sendmailTest) {
			b, err := os.ReadFile(filepath.Join(s.dir, "postern.yaml"))
			if err != nil || !strings.Contains(string(b), old) {
				s.t.Fatalf("%v, or no %q", err, old)
			}
			s.write("postern.yaml", strings.Replace(string(b), old, new, 1))
		}
	}
	for _, tt := range []struct {
		name   string
		change change
		line   string
	}{
		{"no account", conf("account:\n  username: alice\n  created: 2015-03-01\n  domains: [example.com]\n", ""), "4.3.5 there is no account"},
		{"no real sendmail", conf("path: ", "path: /nonexistent"), "4.3.5 the real sendmail /nonexistent"},
		{"no path", func(s *sendmailTest) { conf("  path: "+s.real+"\n", "")(s) }, "4.3.5 the configuration names no real sendmail"},
		{"itself", func(s *sendmailTest) { conf("path: "+s.real, "path: "+s.sendmail)(s) }, "4.3.5 the real sendmail "},
		{"a loop", func(s *sendmailTest) {
			s.write("real", "#!/bin/sh\nPOSTERN_CONFIG='"+s.dir+"/postern.yaml' exec '"+s.sendmail+"' \"$@\"\n")
		}, "4.3.5 postern was called by the sendmail that it called"},
		{"a program of everybody's", func(s *sendmailTest) { os.Chmod(s.real, 0o777) }, "4.3.5 everybody can write the real sendmail"},
		{"not executable", func(s *sendmailTest) { os.Chmod(s.real, 0o644) }, "4.3.5 the real sendmail "},
		{"cannot start", func(s *sendmailTest) { s.write("real", "#!/nonexistent\n") }, "4.3.0 the real sendmail "},
		{"broken configuration", conf("sender:", "sendr:"), "4.3.5 "},
		{"no configuration", func(s *sendmailTest) { os.Remove(filepath.Join(s.dir, "postern.yaml")) }, "4.3.5 "},
		{"broken policy", func(s *sendmailTest) {
			s.write("x.rego", "package custom.postern.rules.x\nfindings contains\n")
			conf("account:", "policies: [x.rego]\naccount:")(s)
		}, "4.3.5 "},
		{"a log of everybody's", func(s *sendmailTest) { s.write("log", ""); os.Chmod(s.log, 0o666) }, "4.3.0 the decision log "},
		{"a link for a log", func(s *sendmailTest) { os.Symlink("/tmp/elsewhere", s.log) }, "4.3.0 the decision log "},
		{"a full log", func(s *sendmailTest) { conf("log: log", "log: /dev/full\n  log_key: key")(s) }, "4.3.0 the decision log "},
		{"an open key", func(s *sendmailTest) { s.write("log.key", strings.Repeat("ab", 32)) }, "4.3.0 the decision log "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, "")
			tt.change(s)
			if tt.name == "itself" && way != whole { // it is the front that the whole program is told to call
				tt.line = "4.3.5 postern was called by the sendmail that it called"
			}
			status, _, stderr := s.run(goodMail, "-t")
			if status != 75 || !strings.HasPrefix(stderr, tt.line) {
				t.Errorf("status %d, stderr %s", status, stderr)
			}
			if got := s.got(); len(got) > 0 {
				t.Errorf("sent: %q", got)
			}
		})
	}
}

// Held mail that cannot be held is not refused for ever: whoever has it tries again.
func TestSendmailHeldDirectory(t *testing.T) { eachWay(t, sendmailHeldDirectory) }

func sendmailHeldDirectory(t *testing.T, way way) {
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	for name, change := range map[string]func(dir string){
		"open to others": func(dir string) { os.Mkdir(dir, 0o755); os.Chmod(dir, 0o755) },
		"a link":         func(dir string) { os.Mkdir(dir+"x", 0o700); os.Symlink(dir+"x", dir) },
		"a file":         func(dir string) { os.WriteFile(dir, nil, 0o600) },
		"a link inside":  func(dir string) { os.Mkdir(dir, 0o700); os.Mkdir(dir+"x", 0o700); os.Symlink(dir+"x", dir+"/new") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSendmailTest(t, way, "", nil, "")
			change(filepath.Join(s.dir, "held"))
			if status, _, stderr := s.run(foreign, "-t"); status != 75 || !strings.HasPrefix(stderr, "4.3.1 [pair.sender_unaffiliated] ") {
				t.Errorf("status %d, %s", status, stderr)
			}
			if files := append(s.files("held/*/*"), s.files("heldx/*")...); len(files) > 0 {
				t.Errorf("something was written: %q", files)
			}
		})
	}
}

// deliverable makes message number n of a series that is the same in every run, and what is sent of it.
func deliverable(n int) (message, sent string, to []string) {
	r := rand.New(rand.NewPCG(uint64(n), 2045))
	var b, body strings.Builder
	for i := range 1 + r.IntN(3) {
		to = append(to, fmt.Sprintf("r%d.%d@mail.postern.dev", n, i))
	}
	fmt.Fprintf(&b, "From: Alice <alice@example.com>\nTo: %s\nSubject: =?utf-8?q?number_=C3=BC%d?=\nDate: Wed, 25 Nov 2026 22:40:00 +0000\n", to[0], n)
	fmt.Fprintf(&b, "Message-ID: <%d@example.com>\nMIME-Version: 1.0\n", n)
	blind := ""
	if len(to) > 1 {
		blind = "Bcc: " + strings.Join(to[1:], ",\n\t") + "\n"
	}
	size := 50 << (n * 5 % 12)
	switch n % 3 {
	case 0:
		b.WriteString("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n")
		for body.Len() < size {
			body.WriteString([]string{".", "..", ".x", "", "From here", "Grüße " + strings.Repeat("wörter ", r.IntN(120)), "plain", " ", "--", "\tx "}[r.IntN(10)] + "\n")
		}
		body.WriteString("end\n")
	case 1:
		b.WriteString("Content-Type: text/plain\n")
		body.WriteString(strings.Repeat("A sentence for everybody.\n", 1+size/26))
	default:
		b.WriteString("Content-Type: multipart/mixed; boundary=\"=_b\"\n")
		raw := make([]byte, size)
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		body.WriteString("--=_b\nContent-Type: text/plain\n\nSee the file.\n--=_b\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n")
		for enc := base64.StdEncoding.EncodeToString(raw); enc != ""; {
			l := min(76, len(enc))
			body.WriteString(enc[:l] + "\n")
			enc = enc[l:]
		}
		body.WriteString("--=_b--\n")
	}
	sent = b.String() + "\n" + body.String()
	message = b.String() + blind + "\n" + body.String()
	switch n % 4 {
	case 1:
		message = strings.ReplaceAll(message, "\n", "\r\n")
	case 2: // as PHP 8 makes it: CRLF in the header, LF in the body
		message = strings.ReplaceAll(b.String()+blind+"\n", "\n", "\r\n") + body.String()
	case 3: // the last line has no end; Postfix gives it one
		message = strings.TrimSuffix(message, "\n")
	}
	return message, sent, to
}

// What a real Postfix delivers in the end is what was judged, octet for octet, and to whom it was judged.
func TestSendmailThroughPostfix(t *testing.T) {
	needs.WithoutRace(t, "what is new here is Postfix")
	count := 60
	if os.Getenv("POSTERN_LONG") != "" {
		count = 2000
	}
	mta := testpostfix.New(t)
	mta.Start()
	s := newSendmailTest(t, cold, mta.Sendmail, []string{"-C" + mta.Conf}, "disabled: [recipients.dummy, spam.phrase, spam.body_empty]\n")
	programs := [...]string{s.sendmail, s.other()}
	var group errgroup.Group
	group.SetLimit(3)
	for n := range count {
		group.Go(func() error {
			message, _, _ := deliverable(n)
			args := []string{"-oi", "-t", "-f", fmt.Sprintf("alice%d@example.com", n)}
			if n%5 == 0 {
				args = []string{"-ti", fmt.Sprintf("-ralice%d@example.com", n), "-B8BITMIME"}
			}
			if status, stdout, stderr := s.command(programs[n/2%2], message, args...); status != 0 || stdout != "" {
				return fmt.Errorf("%d: status %d: %s", n, status, stderr)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	judged := map[string]bool{}
	for _, d := range s.decisions() {
		judged[d.Message] = true
	}
	octets := 0
	seen := map[string]bool{}
	for _, d := range mta.Sink.Wait(count) {
		var n int
		if _, err := fmt.Sscanf(d.From, "alice%d@", &n); err != nil || seen[d.From] {
			t.Fatalf("from %q, twice or unknown", d.From)
		}
		seen[d.From] = true
		_, sent, to := deliverable(n)
		if string(d.Message()) != sent {
			t.Errorf("%d: %d octets came, %d were sent\n%.400q\n%.400q", n, len(d.Message()), len(sent), d.Message(), sent)
		}
		slices.Sort(d.To)
		if !slices.Equal(d.To, to) {
			t.Errorf("%d: to %q, want %q", n, d.To, to)
		}
		if n%4 == 3 { // judged without the end of its last line
			sent = strings.TrimSuffix(sent, "\n")
		}
		if sum := sha256.Sum256([]byte(sent)); !judged[hex.EncodeToString(sum[:])] {
			t.Errorf("%d: what came was not judged", n)
		}
		octets += len(sent)
	}
	t.Logf("%d messages, %d octets", len(seen), octets)
}

// Programs that send mail call it as they call any sendmail.
func TestSendmailCallers(t *testing.T) { eachWay(t, sendmailCallers) }

func sendmailCallers(t *testing.T, way way) {
	s := newSendmailTest(t, way, "", nil, "  domain: example.com\n")
	want := func(t *testing.T, parts ...string) {
		t.Helper()
		got := append(s.got(), s.files("got/*.args")...)
		all := strings.Join(got, "\n")
		for _, p := range parts {
			if !strings.Contains(all, p) {
				t.Errorf("no %q in %q", p, got)
			}
		}
		for _, f := range []string{"eml", "args", "env"} {
			names, _ := filepath.Glob(filepath.Join(s.dir, "got", "*."+f))
			for _, n := range names {
				os.Remove(n)
			}
		}
		if len(got) == 0 {
			t.Error("nothing was sent")
		}
	}
	t.Run("php", func(t *testing.T) {
		php := needs.Program(t, "php")
		code := `exit(mail("bob@mail.postern.dev", "hello there", "line one\n.\nline two\n", "From: Alice <alice@example.com>\r\nCc: carol@mail.postern.dev", "-falice@example.com") ? 0 : 7);`
		path := s.dir + "/postern sendmail --config " + s.dir + "/postern.yaml -t -i"
		if status, stdout, stderr := s.command(php, "", "-n", "-d", "sendmail_path="+path, "-r", code); status != 0 {
			t.Errorf("status %d, %s%s", status, stdout, stderr)
		}
		want(t, "line one\n.\nline two\n", "-f\nalice@example.com\n--\nbob@mail.postern.dev\ncarol@mail.postern.dev\n")
		// PHP tells its caller that a mail was refused.
		bad := strings.Replace(code, "From: Alice <alice@example.com>", "From: eve@mail.postern.dev", 1)
		if status, _, stderr := s.command(php, "", "-n", "-d", "sendmail_path="+path, "-r", bad); status != 7 || !strings.Contains(stderr, "5.7.1 [pair.sender_unaffiliated]") {
			t.Errorf("status %d, %s", status, stderr)
		}
	})
	t.Run("mutt", func(t *testing.T) {
		mutt := needs.Program(t, "mutt")
		status, stdout, stderr := s.command(mutt, "hello from mutt\n", "-n", "-F", "/dev/null", "-e", `set sendmail="`+s.sendmail+` -oem -oi"`,
			"-e", "set from=alice@example.com use_envelope_from=yes copy=no realname=Alice", "-s", "minutes", "-b", "eve@mail.postern.dev", "--", "bob@mail.postern.dev")
		if status != 0 {
			t.Errorf("status %d, %s%s", status, stdout, stderr)
		}
		want(t, "hello from mutt\n", "-f\nalice@example.com\n--\nbob@mail.postern.dev\neve@mail.postern.dev\n")
	})
	t.Run("git send-email", func(t *testing.T) {
		git := needs.Program(t, "git")
		needs.File(t, "/usr/lib/git-core/git-send-email")
		s.write("0001.patch", "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Alice <alice@example.com>\n"+
			"Date: Wed, 25 Nov 2026 22:40:00 +0000\nSubject: [PATCH] a change\n\nwhy\n---\n a | 1 +\n\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+x\n--\n2.39\n")
		status, stdout, stderr := s.command(git, "", "-c", "sendemail.smtpserver="+s.sendmail, "send-email", "--confirm=never", "--quiet", "--from", "Alice <alice@example.com>",
			"--envelope-sender", "alice@example.com", "--to", "bob@mail.postern.dev", "--suppress-cc=all", "0001.patch")
		if status != 0 {
			t.Errorf("status %d, %s%s", status, stdout, stderr)
		}
		want(t, "Subject: [PATCH] a change\n", "\n+x\n", "-f\nalice@example.com\n--\nbob@mail.postern.dev\n")
	})
	t.Run("cron", func(t *testing.T) {
		// What Debian's cron calls, and what it writes.
		s := newSendmailTest(t, way, "", nil, "  domain: example.com\n")
		mail := "From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@vm> echo hi\nMIME-Version: 1.0\nContent-Type: text/plain; charset=US-ASCII\n" +
			"Content-Transfer-Encoding: 8bit\nX-Cron-Env: <SHELL=/bin/sh>\n\nhi\n"
		args := []string{"-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root"}
		status, _, stderr := s.run(mail, args...)
		if status != 77 || len(s.got()) > 0 || len(s.files("held/new/*")) != 1 {
			t.Errorf("From without a domain: status %d, %s", status, stderr)
		}
		s = newSendmailTest(t, way, "", nil, "  domain: example.com\ndisabled: [rfc.address_unqualified, pair.sender_unaffiliated, sender.from_affiliation]\n")
		status, _, stderr = s.run(mail, args...)
		if got := s.files("got/*.args"); status != 0 || len(got) != 1 || got[0] != "-i\n-B8BITMIME\n-f\nwww@example.com\n--\nroot@example.com\n" {
			t.Errorf("status %d, %q, %s", status, got, stderr)
		}
	})
}

// Whether a web script sends is seen in its environment, which its visitors do not choose, or set.
func TestSendmailWebScript(t *testing.T) { eachWay(t, sendmailWebScript) }

func sendmailWebScript(t *testing.T, way way) {
	var to []string
	for i := range 6 {
		to = append(to, fmt.Sprintf("r%d@mail.postern.dev", i))
	}
	for _, tt := range []struct {
		conf, variable string
		status         int
	}{
		{"", "", 0},
		{"", "CGI/1.1", 77},
		{"  web_script: never\n", "CGI/1.1", 0},
		{"  web_script: always\n", "", 77},
	} {
		t.Setenv("GATEWAY_INTERFACE", tt.variable)
		s := newSendmailTest(t, way, "", nil, tt.conf)
		status, _, stderr := s.run(goodMail, append([]string{"-f", "alice@example.com", "--"}, to...)...)
		if status != tt.status || status != 0 && !strings.HasPrefix(stderr, "5.7.1 [pair.webscript_recipients] ") {
			t.Errorf("%+v: status %d, %s", tt, status, stderr)
		}
	}
}
