//go:build linux

// Package hostile_test runs the built program on mail that was made to cost time or memory, and reads from the operating
// system what the process took. It links nothing of postern, because a process begins with the peak of the one that started
// it.
package hostile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// The most memory that a message may cost, whatever its size: peak resident set, so the program's own text and data count
// too. A message of three lines takes 30 MiB with facts and 45 MiB with check, which compiles the policies; see small.
const (
	factsSmall  = 30 << 20
	checkSmall  = 45 << 20
	factsMemory = 64 << 20
	checkMemory = 64 << 20
	// 10,000 attachments are kept as facts, and written down as a whole. The program by itself is 29 MiB of it.
	attachmentsMemory = 70 << 20
)

// postern is the program, built for this run.
var postern string

func TestMain(m *testing.M) {
	if os.Getenv(buildDir) != "" {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "postern-hostile-")
	if err != nil {
		log.Fatal(err)
	}
	postern = filepath.Join(dir, "postern")
	out, err := exec.Command("go", "build", "-o", postern, "postern/cmd/postern").CombinedOutput()
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		log.Printf("build postern: %v\n%s", err, out)
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

const ordinary = "From: alice@example.com\nTo: bob@example.net\nDate: Mon, 23 Nov 2026 09:30:00 +0000\n" +
	"Message-ID: <1@example.com>\nSubject: x\n"

// cases are written to the program's standard input as they are made; none is held in memory here.
var cases = []struct {
	name    string
	problem string // one that must be named
	write   func(w io.Writer)
}{
	{"8,000 nested multiparts", "limit.depth", func(w io.Writer) {
		io.WriteString(w, ordinary)
		for i := range 8000 {
			fmt.Fprintf(w, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
	}},
	{"1 M parts", "limit.parts", func(w io.Writer) {
		io.WriteString(w, ordinary+"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n")
		repeat(w, "--b\nContent-Type: text/plain\n\nx\n", 1_000_000)
	}},
	{"1 M attachments", "limit.parts", func(w io.Writer) {
		io.WriteString(w, ordinary+"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n")
		repeat(w, "--b\nContent-Type: text/plain; name=\"x.txt\"\n\nx\n", 1_000_000)
	}},
	{"20,000 encrypted archives", "limit.parts", func(w io.Writer) {
		io.WriteString(w, ordinary+"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n")
		repeat(w, "--b\nContent-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\nUEsDBBQAAQAIAAAAAAAAAAAAAAAAAAAAAAABAAAAYQ==\n", 20_000)
	}},
	{"2 M lines that begin like 90 boundaries", "mime.ambiguous_nested_prefix", func(w io.Writer) {
		io.WriteString(w, ordinary)
		for i := range 90 {
			fmt.Fprintf(w, "Content-Type: multipart/mixed; boundary=%[1]s\n\n--%[1]s\n", strings.Repeat("b", i+1))
		}
		io.WriteString(w, "\n")
		repeat(w, "--"+strings.Repeat("b", 120)+"\n", 2_000_000)
	}},
	{"header of 500 MB in one field", "limit.header_bytes", func(w io.Writer) {
		io.WriteString(w, ordinary+"X-Long: ")
		repeat(w, strings.Repeat("x", 100), 5_000_000)
	}},
	{"header of 500 MB in lines", "limit.fields", func(w io.Writer) {
		io.WriteString(w, ordinary)
		repeat(w, "X-Field: "+strings.Repeat("x", 990)+"\n", 500_000)
	}},
	{"comment of 300 KB in Message-ID", "limit.field_bytes", func(w io.Writer) {
		io.WriteString(w, strings.Replace(ordinary, "<1@", strings.Repeat("(", 300_000)+"<1@", 1)+"\nx\n")
	}},
	{"comment of 90 KB in each structured field", "mime.ambiguous_comment_in_type", func(w io.Writer) {
		for _, field := range []string{"From", "To", "Cc", "Reply-To", "Message-ID", "References", "Date", "Content-Type"} {
			fmt.Fprintf(w, "%s: %s\n", field, strings.Repeat("(", 90_000))
		}
		io.WriteString(w, "\nx\n")
	}},
	{"100,000 recipients in one field", "limit.field_bytes", func(w io.Writer) {
		io.WriteString(w, ordinary+"Cc: x@example.net")
		for i := range 100_000 {
			fmt.Fprintf(w, ",\n u%d@example.net", i)
		}
		io.WriteString(w, "\n\nx\n")
	}},
	{"100,000 recipients in many fields", "limit.header_bytes", func(w io.Writer) {
		io.WriteString(w, ordinary)
		for i := range 100 {
			io.WriteString(w, "Cc: x@example.net")
			for j := range 1000 {
				fmt.Fprintf(w, ",\n u%d@example.net", i*1000+j)
			}
			io.WriteString(w, "\n")
		}
		io.WriteString(w, "\nx\n")
	}},
	{"1 GB in one line", "rfc.body_line998", func(w io.Writer) {
		io.WriteString(w, ordinary+"\n")
		repeat(w, strings.Repeat("x", 1000), 1_000_000)
	}},
	{"300 MB of HTML tags", "", func(w io.Writer) {
		io.WriteString(w, ordinary+"MIME-Version: 1.0\nContent-Type: text/html\n\n")
		repeat(w, "<div><a href=http://example.com/>x\n", 9_000_000)
	}},
	{"encoded words without end", "", func(w io.Writer) {
		io.WriteString(w, ordinary+"X-Subject: "+strings.Repeat("=?utf-8?q?=41?= ", 5000)+"\nSubject: "+strings.Repeat("=?", 40_000)+"\n\nx\n")
	}},
	{"8 MB of encoded words without end in place of addresses", "rfc.address_unqualified", func(w io.Writer) {
		io.WriteString(w, ordinary+"Cc: ")
		repeat(w, "=?", 4_000_000)
		io.WriteString(w, "\n\nx\n")
	}},
	{"2 M addresses that are one", "limit.addresses", func(w io.Writer) {
		io.WriteString(w, ordinary+"Cc: ")
		repeat(w, "\"a <", 2_000_000)
		io.WriteString(w, "\n\nx\n")
	}},
	{"60,000 domains in A-labels", "limit.addresses", func(w io.Writer) {
		io.WriteString(w, ordinary+"Cc: x@example.net")
		for i := range 60_000 {
			fmt.Fprintf(w, ", a@xn--%d-kva.de", i)
		}
		io.WriteString(w, "\n\nx\n")
	}},
	{"900 dates", "limit.fields", func(w io.Writer) {
		io.WriteString(w, ordinary)
		repeat(w, "Date: Thu (((a))), 1 Jan x 00:00:00 +0000\n", 900)
		io.WriteString(w, "\nx\n")
	}},
	{"bare CR everywhere", "rfc.smuggling", func(w io.Writer) {
		io.WriteString(w, ordinary+"\n")
		repeat(w, "\r.\rx\n", 2_000_000)
	}},
}

func memory(name string, most int64) int64 {
	if name == "1 M attachments" || name == "20,000 encrypted archives" {
		return attachmentsMemory
	}
	return most
}

// repeat writes unit n times, many at a time.
func repeat(w io.Writer, unit string, n int) {
	const batch = 1 << 6
	for many := strings.Repeat(unit, batch); n >= batch; n -= batch {
		if _, err := io.WriteString(w, many); err != nil {
			return
		}
	}
	io.WriteString(w, strings.Repeat(unit, n))
}

// TestFacts asserts that the problem is named and what the process needed for reading and measuring.
func TestFacts(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, code := run(t, memory(c.name, factsMemory), c.write, "facts", "-")
			if code != 0 {
				t.Errorf("exit status %d", code)
			}
			var facts struct{ Problems []struct{ ID string } }
			if err := json.Unmarshal(out, &facts); err != nil {
				t.Fatalf("%v in %.300q", err, out)
			}
			for _, p := range facts.Problems {
				if p.ID == c.problem || c.problem == "" {
					return
				}
			}
			t.Errorf("no problem %q among %v", c.problem, facts.Problems)
		})
	}
}

// TestCheck asserts that each is judged, or unjudged with a reason, and that the problem is among the findings.
func TestCheck(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, code := run(t, memory(c.name, checkMemory), c.write, "check", "--no-config", "--format", "json", "-")
			if code != 1 && code != 3 {
				t.Errorf("exit status %d, want 1 or 3", code)
			}
			var report struct {
				Messages []struct {
					Verdict  string
					Reason   *string
					Findings []struct{ Rule string }
				}
			}
			if err := json.Unmarshal(out, &report); err != nil || len(report.Messages) != 1 {
				t.Fatalf("%d messages, %v in %.300q", len(report.Messages), err, out)
			}
			m := report.Messages[0]
			if m.Verdict == "unjudged" && m.Reason == nil {
				t.Error("unjudged without a reason")
			}
			for _, f := range m.Findings {
				if f.Rule == c.problem || c.problem == "" {
					return
				}
			}
			t.Errorf("%s, no finding %q among %v", m.Verdict, c.problem, m.Findings)
		})
	}
}

// counter counts what is written to w.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// small gives the peak of a message of three lines, which is not the same everywhere: how much of the program's file counts as
// resident depends on how it lies in the page cache, and differs by 20 MiB from one build of the same program to the next. So what
// is asserted of a message is how much more it takes than this one.
func small(t *testing.T, command string) (peak, usual int64) {
	t.Helper()
	usual = factsSmall
	if command == "check" {
		usual = checkSmall
	}
	peak, ok := smallPeaks[command]
	if !ok {
		cmd := exec.Command(postern, command, "-")
		if command == "check" {
			cmd.Args = []string{postern, command, "--no-config", "--format", "json", "-"}
		}
		cmd.Stdin = strings.NewReader(ordinary + "\nx\n")
		cmd.Run() // its error is in ProcessState
		if code := cmd.ProcessState.ExitCode(); code != 0 && code != 1 {
			t.Fatalf("%v", cmd.ProcessState)
		}
		peak = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
		smallPeaks[command] = peak
		t.Logf("a message of three lines takes %.1f MiB", float64(peak)/(1<<20))
	}
	return peak, usual
}

var smallPeaks = map[string]int64{}

// run runs postern with what write gives on its standard input. It fails the test if the process took more than memory, if it
// was ended by a signal, or if it wrote a stack.
func run(t *testing.T, most int64, write func(io.Writer), args ...string) (stdout []byte, code int) {
	t.Helper()
	stdout, _, code = runFile(t, most, write, args...)
	return stdout, code
}

// runFile is run that gives what was written to standard error too. write may be nil.
func runFile(t *testing.T, most int64, write func(io.Writer), args ...string) (stdout []byte, stderr string, code int) {
	t.Helper()
	base, usual := small(t, args[0])
	cmd := exec.Command(postern, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := &counter{w: stdin}
	if write != nil {
		write(in)
	}
	stdin.Close()
	cmd.Wait() // its error is in ProcessState
	took := time.Since(began)
	if !cmd.ProcessState.Exited() || strings.Contains(errs.String(), "goroutine ") || strings.Contains(errs.String(), "internal error") {
		t.Fatalf("%v\n%.3000s", cmd.ProcessState, &errs)
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	user := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.Logf("%.1f MB in %v (%.0f MB/s), %v of processor, peak %.1f MiB", float64(in.n)/1e6, took.Round(time.Millisecond),
		float64(in.n)/1e6/took.Seconds(), user.Round(time.Millisecond), float64(peak)/(1<<20))
	// A child's peak includes what its parent had when it was forked: with the detector's memory it says nothing of the child.
	if peak-base > most-usual && !needs.UnderRace {
		t.Errorf("%.1f MiB more than a message of three lines, want at most %d", float64(peak-base)/(1<<20), (most-usual)>>20)
	}
	return out.Bytes(), errs.String(), cmd.ProcessState.ExitCode()
}
