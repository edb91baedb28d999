//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// BenchmarkSendmailStart measures from the start of the program to the decision about a small message, and to the end of a hand-over
// to a program that does nothing, as ratios to a Go program that does nothing and to msmtp --version, all from one interleaved run.
func BenchmarkSendmailStart(b *testing.B) {
	msmtp := needs.Program(b, "msmtp")
	s := newSendmailTest(b, whole, "/bin/true", nil, "")
	build := func(name, source string) string {
		out := filepath.Join(s.dir, name)
		if output, err := exec.Command("go", "build", "-o", out, source).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
		return out
	}
	s.write("hello.go", "package main\n\nfunc main() { println(\"hello\") }\n")
	hello, program := build("hello", filepath.Join(s.dir, "hello.go")), build("sendmail.bin", ".")
	os.Remove(s.sendmail)
	if err := os.Rename(program, s.sendmail); err != nil {
		b.Fatal(err)
	}
	conf, err := os.ReadFile(filepath.Join(s.dir, "postern.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	s.write("postern.yaml", strings.NewReplacer("  log: log\n", "", "  held: held\n", "").Replace(string(conf)))
	foreign := strings.Replace(goodMail, "alice@example.com", "eve@mail.postern.dev", 1)
	cases := []struct {
		name, stdin string
		argv        []string
		took        []time.Duration
	}{
		{"hello", "", []string{hello}, nil},
		{"msmtp", "", []string{msmtp, "--version"}, nil},
		{"decision", foreign, []string{s.sendmail, "-t"}, nil},
		{"handover", goodMail, []string{s.sendmail, "-t"}, nil},
	}
	for b.Loop() {
		for i := range cases {
			c := &cases[i]
			cmd := exec.Command(c.argv[0], c.argv[1:]...)
			cmd.Stdin, cmd.Env, cmd.Dir = strings.NewReader(c.stdin), s.env(), s.dir
			began := time.Now()
			cmd.Run()
			c.took = append(c.took, time.Since(began))
		}
	}
	median := func(i int) float64 {
		slices.Sort(cases[i].took)
		return float64(cases[i].took[len(cases[i].took)/2])
	}
	for i := 2; i < len(cases); i++ {
		b.ReportMetric(median(i)/median(0), cases[i].name+"/hello")
		b.ReportMetric(median(i)/median(1), cases[i].name+"/msmtp")
	}
}
