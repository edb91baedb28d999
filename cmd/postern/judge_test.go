package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/rules"
)

const plainMessage = "From: a@example.org\nTo: b@example.net\nSubject: x\nDate: Mon, 2 Nov 2026 09:30:00 +0000\nMessage-ID: <1@example.org>\n\nx\n"

var verified = sync.OnceValues(func() (*rules.Engine, error) {
	return rules.New(context.Background(), rules.Options{Guards: rules.GuardsVerify, Timeout: time.Minute})
})

func newJudge(t *testing.T) *judge {
	t.Helper()
	e, err := verified()
	if err != nil {
		t.Fatal(err)
	}
	return &judge{engine: e, now: time.Now()}
}

func message(name, text string) mailbox.Message {
	return mailbox.Message{Name: name, Path: name, FirstLine: 1, Size: int64(len(text)), Reader: strings.NewReader(text)}
}

// many yields n messages of very different length and, every seventh time, an error.
func many(n int) func(context.Context) iter.Seq2[mailbox.Message, error] {
	return func(context.Context) iter.Seq2[mailbox.Message, error] {
		return func(yield func(mailbox.Message, error) bool) {
			for i := range n {
				name := fmt.Sprint(i)
				if i%7 == 3 {
					if !yield(mailbox.Message{}, &mailbox.Error{Name: name, Err: errors.New("broken")}) {
						return
					}
				} else if !yield(message(name, plainMessage+strings.Repeat("some text\n", i%5*5000)), nil) {
					return
				}
			}
		}
	}
}

func TestResultsAreInOrder(t *testing.T) {
	next := 0
	err := newJudge(t).all(t.Context(), many(200), func(it *report.Item) error {
		if it.Name != fmt.Sprint(next) {
			t.Fatalf("got %s, want %d", it.Name, next)
		}
		if broken := next%7 == 3; broken != (it.Verdict.Outcome == rules.Unjudged) {
			t.Errorf("%s is %s: %s", it.Name, it.Verdict.Outcome, it.Verdict.Reason)
		}
		next++
		return nil
	})
	if err != nil || next != 200 {
		t.Errorf("%d results, %v", next, err)
	}
}

// TestRunStopsWhereGuardsDiffer has an engine say that the guards and OPA do not agree about a message.
func TestRunStopsWhereGuardsDiffer(t *testing.T) {
	j := newJudge(t)
	field := reflect.ValueOf(j.engine).Elem().FieldByName("guards").FieldByName("difference")
	difference := errors.New("the guard of rule own.short hides a finding")
	stored := (*atomic.Pointer[error])(field.Addr().UnsafePointer())
	stored.Store(&difference)
	defer stored.Store(nil)
	err := j.all(t.Context(), many(200), func(it *report.Item) error {
		t.Errorf("%s is told", it.Name)
		return nil
	})
	if text := fmt.Sprint(err); gate.Of(err) != gate.Internal || !strings.Contains(text, "own.short") || !strings.Contains(text, ": the guard") {
		t.Errorf("%v", err)
	}
}

func TestCancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := newJudge(t).all(ctx, many(1_000_000), func(*report.Item) error {
		if n++; n == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 1000 {
		t.Errorf("%v after %d results", err, n)
	}
}

func TestReportThatCannotBeWrittenEndsTheRun(t *testing.T) {
	full := errors.New("no space left on device")
	if err := newJudge(t).all(t.Context(), many(1_000_000), func(*report.Item) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type failingReader struct{ after int64 }

func (r failingReader) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.after {
		return 0, errors.New("input/output error")
	}
	n := copy(p, strings.Repeat("x", int(min(int64(len(p)), r.after-off))))
	return n, nil
}

type panickingReader struct{}

func (panickingReader) ReadAt([]byte, int64) (int, error) { panic("boom \x1b[2J") }

func TestOneBrokenMessageIsUnjudged(t *testing.T) {
	walk := func(context.Context) iter.Seq2[mailbox.Message, error] {
		return func(yield func(mailbox.Message, error) bool) {
			short := message("short", plainMessage)
			short.Size += 100 // the file was cut after it was measured
			_ = yield(mailbox.Message{Name: "disk", Size: 1 << 20, Reader: failingReader{after: 1000}}, nil) &&
				yield(mailbox.Message{Name: "panic", Size: 100, Reader: panickingReader{}}, nil) &&
				yield(short, nil) && yield(message("empty", ""), nil) && yield(message("bom", "\xef\xbb\xbf"), nil) && yield(message("good", plainMessage), nil)
		}
	}
	want := map[string]string{
		"disk": "input/output error", "panic": "internal error: boom \\u{1b}[2J", "short": "changed", "empty": "empty", "bom": "empty",
	}
	seen := 0
	err := newJudge(t).all(t.Context(), walk, func(it *report.Item) error {
		seen++
		reason, bad := want[it.Name]
		if bad != (it.Verdict.Outcome == rules.Unjudged) || !strings.Contains(it.Verdict.Reason, reason) {
			t.Errorf("%s is %s: %q", it.Name, it.Verdict.Outcome, it.Verdict.Reason)
		}
		return nil
	})
	if err != nil || seen != 6 {
		t.Errorf("%d results, %v", seen, err)
	}
}

func TestFullDiskIsNoPass(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.eml")
	if err := os.WriteFile(file, []byte(plainMessage), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check"}, {"check", "--format", "json"}, {"facts"}, {"size"}} {
		var errs bytes.Buffer
		args = append([]string{"postern"}, append(args, file)...)
		if code := process(t.Context(), args, strings.NewReader(""), fullDisk{}, &errs); code != 3 {
			t.Errorf("%v exits %d: %s", args, code, errs.String())
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestInterruptedRunIsUnjudged cancels while standard input never comes.
func TestInterruptedRunIsUnjudged(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer w.Close()
	var out, errs bytes.Buffer
	done := make(chan int)
	go func() { done <- process(ctx, []string{"postern", "check", "-"}, r, &out, &errs) }()
	if _, err := w.Write([]byte("From: ")); err != nil { // it reads now
		t.Fatal(err)
	}
	cancel()
	if code := <-done; code != 3 || !strings.Contains(errs.String(), "interrupted") || !strings.Contains(out.String(), "interrupted") {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), errs.String())
	}
}
