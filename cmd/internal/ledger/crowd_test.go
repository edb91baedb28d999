package ledger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The test binary is its own crowd of senders.
func TestMain(m *testing.M) {
	switch os.Getenv("POSTERN_LEDGER_CHILD") {
	case "":
		code := m.Run()
		if shared.end != nil {
			shared.end()
		}
		os.Exit(code)
	case "crowd":
		os.Exit(crowd())
	case "crash":
		os.Exit(crash())
	}
	os.Exit(64)
}

const (
	processes = 4
	senders   = 50 // in each process
	limit     = 100
)

// child runs the test binary as another process on the same store.
func child(t *testing.T, what, where, keyFile string, more ...string) (*exec.Cmd, io.WriteCloser, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(more, "POSTERN_LEDGER_CHILD="+what, "POSTERN_LEDGER_URL="+where, "POSTERN_LEDGER_KEY="+keyFile)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	return cmd, in, bufio.NewScanner(out)
}

func childLedger() (Ledger, error) {
	return Open(context.Background(), os.Getenv("POSTERN_LEDGER_URL"), Options{
		KeyFile: os.Getenv("POSTERN_LEDGER_KEY"), Windows: []time.Duration{time.Hour}, Timeout: 2 * time.Minute,
	})
}

// send does what the gate does with one message under a limit on messages.
func send(ctx context.Context, l Ledger, e Entry) (sent bool, err error) {
	r, err := l.Reserve(ctx, e)
	if err != nil {
		return false, err
	}
	if r.History.Windows[0].Account.Messages > limit {
		return false, l.Release(ctx, r.ID)
	}
	return true, l.Commit(ctx, r.ID)
}

// crowd reads names of accounts; for each it sends with many senders at once and says how many got through.
func crowd() int {
	l, err := childLedger()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer l.Close()
	in := bufio.NewScanner(os.Stdin)
	fmt.Println("ready")
	for in.Scan() {
		var sent atomic.Int64
		var wg sync.WaitGroup
		var failed atomic.Pointer[error]
		for i := range senders {
			wg.Go(func() {
				e := letter(i)
				e.Account = in.Text()
				ok, err := send(context.Background(), l, e)
				if err != nil {
					failed.Store(&err)
				} else if ok {
					sent.Add(1)
				}
			})
		}
		wg.Wait()
		if err := failed.Load(); err != nil {
			fmt.Fprintln(os.Stderr, *err)
			return 1
		}
		fmt.Println(sent.Load())
	}
	return 0
}

// repeats is how often a test of chance is run: POSTERN_LONG makes it often.
func repeats(few, many int) int {
	if os.Getenv("POSTERN_LONG") != "" {
		return many
	}
	return few
}

// Of 200 senders in 4 processes exactly as many get through as the limit allows.
func TestLimitHoldsInACrowd(t *testing.T) {
	onEach(t, func(t *testing.T, where string, o Options) {
		var ins []io.Writer
		var outs []*bufio.Scanner
		for range processes {
			_, in, out := child(t, "crowd", where, o.KeyFile)
			ins, outs = append(ins, in), append(outs, out)
			if !out.Scan() || out.Text() != "ready" {
				t.Fatal("a process did not start")
			}
		}
		n := repeats(3, 200)
		for run := range n {
			for _, in := range ins {
				fmt.Fprintf(in, "account-%d\n", run)
			}
			total := 0
			for _, out := range outs {
				if !out.Scan() {
					t.Fatal("a process broke off")
				}
				sent, err := strconv.Atoi(out.Text())
				if err != nil {
					t.Fatal(err)
				}
				total += sent
			}
			if total != limit {
				t.Fatalf("run %d: %d of %d messages got through, want %d", run, total, processes*senders, limit)
			}
		}
		l := mustOpen(t, where, o)
		list, err := l.Accounts(t.Context(), time.Hour)
		if err != nil || len(list) != n {
			t.Fatalf("%d accounts, want %d: %v", len(list), n, err)
		}
		for _, a := range list {
			if a.Messages != limit || a.Reserved != 0 {
				t.Errorf("%+v", a)
			}
		}
		t.Logf("%d runs", n)
	})
}

// crash reserves, commits as it is told, says what it has, and waits to be killed.
func crash() int {
	l, err := childLedger()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	in := bufio.NewScanner(os.Stdin)
	for i := 0; in.Scan(); i++ {
		r, err := l.Reserve(context.Background(), letter(i))
		if err == nil && in.Text() == "commit" {
			err = l.Commit(context.Background(), r.ID)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(r.ID)
	}
	return 0
}

// A process that is killed between reservation and commit leaves a reservation that its lease ends, and everything that was
// committed.
func TestKilledBetweenReserveAndCommit(t *testing.T) {
	onEach(t, func(t *testing.T, where string, o Options) {
		o.Windows = []time.Duration{time.Hour}
		l := mustOpen(t, where, o)
		for run := range repeats(3, 100) {
			cmd, in, out := child(t, "crash", where, o.KeyFile)
			fmt.Fprintln(in, "commit")
			fmt.Fprintln(in, "reserve")
			var ids []string
			for range 2 {
				if !out.Scan() {
					t.Fatal("the process broke off")
				}
				ids = append(ids, out.Text())
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			h, err := l.History(t.Context(), letter(99))
			if err != nil {
				t.Fatal(err)
			}
			// One too many, until the lease ends; never one too few.
			if got, want := h.Windows[0].Account.Messages, int64(run+1+1+1); got != want {
				t.Fatalf("run %d: %d messages, want %d", run, got, want)
			}
			if err := l.Release(t.Context(), ids[1]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Processes that are killed at any moment leave a store that holds, and at least what they said was committed.
func TestKilledAtRandom(t *testing.T) {
	onEach(t, func(t *testing.T, where string, o Options) {
		o.Windows = []time.Duration{time.Hour}
		l := mustOpen(t, where, o)
		committed := 0
		for run := range repeats(5, 300) {
			cmd, in, out := child(t, "crash", where, o.KeyFile)
			go func() {
				for {
					if _, err := io.WriteString(in, "commit\n"); err != nil {
						return
					}
				}
			}()
			for range run%7 + 1 {
				if out.Scan() {
					committed++
				}
			}
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			for out.Scan() {
				committed += strings.Count(out.Text(), ".")
			}
			cmd.Wait()
		}
		list, err := l.Accounts(t.Context(), time.Hour)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if a := list[0]; a.Messages-a.Reserved < int64(committed) || committed == 0 {
			t.Errorf("%d messages were said to be committed, the ledger has %+v", committed, a)
		}
		if _, err := l.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
