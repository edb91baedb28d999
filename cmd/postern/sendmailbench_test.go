//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// compile builds a Go program into the directory of the test.
func (s *sendmailTest) compile(name, source string, flags ...string) string {
	s.t.Helper()
	out := filepath.Join(s.dir, name)
	args := append([]string{"build", "-o", out}, flags...)
	if output, err := exec.Command("go", append(args, source)...).CombinedOutput(); err != nil {
		s.t.Fatalf("%v\n%s", err, output)
	}
	return out
}

// contender is a program that is measured against others in one interleaved run.
type contender struct {
	name, stdin string
	argv        []string
	took        []time.Duration
}

func (c *contender) median() float64 {
	slices.Sort(c.took)
	return float64(c.took[len(c.took)/2])
}

// BenchmarkSendmailStart measures from the start of the program to the decision about a small message, and to the end of a hand-over
// to a program that does nothing, by the whole program and by the front, as ratios to a Go program that says hello and to
// msmtp --version, all from one interleaved run. What the program that does nothing takes by itself is the ratio nothing/hello: the decision
// is made before it is started.
func BenchmarkSendmailStart(b *testing.B) {
	msmtp := needs.Program(b, "msmtp")
	s := newSendmailTest(b, cold, "", nil, "")
	s.write("hello.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n")
	hello := s.compile("hello", filepath.Join(s.dir, "hello.go"))
	os.Remove(filepath.Join(s.dir, "postern"))
	program := s.compile("postern", ".", "-ldflags", "-X postern/cmd/internal/front.Stamp=test -X postern/cmd/internal/cache.SystemDir="+frontDir())
	s.write("nothing.c", "void _start(void) { __asm__ volatile(\"mov $60, %eax; xor %edi, %edi; syscall\"); }\n")
	nothing := "/bin/true"
	if out, err := exec.Command("gcc", "-O2", "-static", "-nostdlib", "-o", filepath.Join(s.dir, "nothing"), filepath.Join(s.dir, "nothing.c")).CombinedOutput(); err == nil {
		nothing = filepath.Join(s.dir, "nothing")
	} else {
		b.Logf("gcc: %v %s", err, out)
	}
	s.edit("postern.yaml", "  path: "+s.real+"\n", "  path: "+nothing+"\n")
	s.edit("postern.yaml", "  log: log\n  held: held\n", "")
	s.warm()
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	cases := []*contender{
		{name: "hello", argv: []string{hello}},
		{name: "msmtp", argv: []string{msmtp, "--version"}},
		{name: "nothing", argv: []string{nothing}},
		{name: "whole-decision", stdin: foreign, argv: []string{program, "sendmail", "-t"}},
		{name: "whole-handover", stdin: goodMail, argv: append([]string{program, "sendmail"}, cleanArgs...)},
		{name: "front-handover", stdin: goodMail, argv: append([]string{s.sendmail}, cleanArgs...)},
		{name: "front-left", stdin: foreign, argv: []string{s.sendmail, "-t"}},
	}
	if why, status, stderr := s.explain(goodMail, nil, cleanArgs...); why != "" || status != 0 {
		b.Fatalf("the front leaves it: %s, status %d, %s", why, status, stderr)
	}
	for b.Loop() {
		for _, c := range cases {
			cmd := exec.Command(c.argv[0], c.argv[1:]...)
			cmd.Stdin, cmd.Env, cmd.Dir = strings.NewReader(c.stdin), s.env(), s.dir
			began := time.Now()
			cmd.Run()
			c.took = append(c.took, time.Since(began))
		}
	}
	base, peer := cases[0].median(), cases[1].median()
	for _, c := range cases[2:] {
		b.ReportMetric(c.median()/base, c.name+"/hello")
		b.ReportMetric(c.median()/peer, c.name+"/msmtp")
	}
}

// launcher prints the peak of the resident memory of a program. A large process cannot do that: what it needs itself is counted for
// what it starts.
const launcher = `#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int n, char **a) {
	struct rusage u;
	int status;
	pid_t p = fork();
	if (p == 0) {
		execv(a[1], a + 1);
		_exit(127);
	}
	if (wait4(p, &status, 0, &u) != p)
		return 1;
	printf("%ld\n", u.ru_maxrss);
	return 0;
}
`

// BenchmarkSendmailMemory measures the peak of the resident memory of the front, in KiB, for a small message, one with HTML and one of 30 MiB.
// The real sendmail cannot be started, so that the front is what ends.
func BenchmarkSendmailMemory(b *testing.B) {
	gcc := needs.Program(b, "gcc")
	s := newSendmailTest(b, cold, "", nil, "")
	s.write("real", "")
	s.edit("postern.yaml", "sendmail:", "disabled: [pair.attachment_large, pair.size_near, size.message_range, size.attachment_cannot_fit, size.recipient_path, size.html_gmail_clip, rfc.mime_single, rfc.mime_alt_missingtext, submission.size_param, spam.body_empty, template.lang, bulk.postal_address]\nsendmail:")
	s.write("launch.c", launcher)
	launch := filepath.Join(s.dir, "launch")
	if out, err := exec.Command(gcc, "-O2", "-static", "-o", launch, launch+".c").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	s.warm()
	mime := func(fields, body string) string {
		return strings.Replace(strings.TrimSuffix(goodMail, "Hello Bob\n"), "Date:", "MIME-Version: 1.0\n"+fields+"Date:", 1) + body
	}
	for _, m := range []struct{ name, message string }{
		{"small", goodMail},
		{"html", mime("Content-Type: text/html; charset=utf-8\n", "<html><body>"+strings.Repeat("<p>A paragraph for everybody who reads it.</p>\n", 500)+"</body></html>\n")},
		{"30MiB", mime("Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n",
			strings.Repeat("JVBERi0xLjcKJVBERi0xLjcKJVBERi0xLjcKJVBERi0xLjcKJVBERi0xLjcKJVBERi0xLjcK\n", 30<<20/73))},
	} {
		b.Run(m.name, func(b *testing.B) {
			peak := 0
			for b.Loop() {
				cmd := exec.Command(launch, append([]string{s.sendmail}, cleanArgs...)...)
				cmd.Stdin, cmd.Env, cmd.Dir = strings.NewReader(m.message), append(s.env(), "POSTERN_FRONT=explain"), s.dir
				var errs strings.Builder
				cmd.Stderr = &errs
				out, err := cmd.Output()
				fields := strings.Fields(string(out))
				if err != nil || len(fields) == 0 {
					b.Fatalf("%v: %s%s", err, out, errs.String())
				}
				if why, left := strings.CutPrefix(errs.String(), "postern: front: "); left {
					b.Fatalf("the front left it: %s", why)
				}
				n, err := strconv.Atoi(fields[len(fields)-1])
				if err != nil {
					b.Fatal(err)
				}
				peak = max(peak, n)
			}
			b.ReportMetric(float64(peak), "KiB")
		})
	}
}

// BenchmarkSendmailLedger measures what a ledger costs: decisions in a second of one caller after the other, by the whole program with a
// ledger and without one, and by the front, which leaves mail that is counted to the whole program.
func BenchmarkSendmailLedger(b *testing.B) {
	const ledger = "ledger:\n  url: ledger.db\nlimits:\n  pair.batch_pace:\n    seconds: 0\n  pair.batch_recipients:\n    recipients: 100000\n"
	for _, tt := range []struct {
		name, conf string
		way        way
	}{{"whole", "", whole}, {"whole-ledger", ledger, whole}, {"front", "", cold}, {"front-ledger", ledger, cold}} {
		b.Run(tt.name, func(b *testing.B) {
			s := newSendmailTest(b, tt.way, "/bin/true", nil, tt.conf+"disabled: [bulk.campaign, bulk.use_pairlist]\n")
			if tt.way != whole {
				s.warm()
			}
			for b.Loop() {
				if status, _, stderr := s.command(s.sendmail, goodMail, cleanArgs...); status != 0 {
					b.Fatalf("status %d, %s", status, stderr)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "decisions/s")
		})
	}
}
