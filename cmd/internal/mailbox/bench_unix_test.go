//go:build unix

package mailbox

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/needs"
)

// BenchmarkMbox reads mboxes of short and of long messages, and says how many octets a second of the processor, and how much of it in
// terms of what grep -c '^From ' takes for the same file.
func BenchmarkMbox(b *testing.B) {
	for _, c := range []struct {
		name  string
		lines int // of a message
		line  string
	}{
		{"small", 40, "The quick brown fox jumps over the lazy dog, and goes home.\n"},
		{"large", 1000, strings.Repeat("QUJD", 19) + "\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "m.mbox")
			var one bytes.Buffer
			one.WriteString("From a@example.com Sat Jan  3 01:05:34 2026\nFrom: a@example.com\nTo: b@example.net\nSubject: x\nDate: Sat, 3 Jan 2026 01:05:34 +0000\n\n")
			one.WriteString(strings.Repeat(c.line, c.lines) + "\n")
			const size = 128 << 20
			n := size / one.Len()
			if err := os.WriteFile(file, bytes.Repeat(one.Bytes(), n), 0o644); err != nil {
				b.Fatal(err)
			}
			grep := needs.Program(b, "grep")
			b.SetBytes(int64(n * one.Len()))
			began := processor()
			for b.Loop() {
				got := 0
				for m, err := range Walk(b.Context(), []string{file}, nil, Options{}) {
					if err != nil {
						b.Fatal(err)
					}
					got++
					m.Close()
				}
				if got != n {
					b.Fatalf("%d messages, want %d", got, n)
				}
			}
			b.StopTimer()
			mine := (processor() - began).Seconds() / float64(b.N)
			cmd := exec.Command(grep, "-c", "^From ", file)
			cmd.Env = append(os.Environ(), "LC_ALL=C")
			out, err := cmd.Output()
			if err != nil || strings.TrimSpace(string(out)) != fmt.Sprint(n) {
				b.Fatalf("grep says %s, %v; want %d", out, err, n)
			}
			took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			b.ReportMetric(float64(n*one.Len())/1e6/mine, "MB/cpu-s")
			b.ReportMetric(mine/took.Seconds(), "of-grep")
		})
	}
}

// processor is the time of the processor that this process took so far. Other programs on the machine do not change it.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
