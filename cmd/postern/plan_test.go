package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/ledger"
)

// A plan goes on from what the ledger has, and knows again whom it has written to.
func TestPlanCountsWhatWasSent(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o700)
	file := filepath.Join(dir, "ledger.db")
	l, err := ledger.Open(t.Context(), file, ledger.Options{Windows: []time.Duration{24 * time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for i := range 24 {
		r, err := l.Reserve(t.Context(), ledger.Entry{
			Account: "alice", Sender: "bob@example.com", Recipients: []string{fmt.Sprintf("R%d@neighbour.org", i)}, Octets: 1000,
		})
		if err == nil {
			err = l.Commit(t.Context(), r.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var mails []string
	for i, to := range []string{"r3@neighbour.org", "new@neighbour.org", "r4@neighbour.org", "another@neighbour.org"} {
		name := filepath.Join(dir, fmt.Sprintf("%d.eml", i))
		text := "From: alice@example.org\nTo: " + to + "\nSubject: Minutes\nDate: Mon, 2 Nov 2026 09:30:00 +0000\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n" +
			"Content-Type: text/plain; charset=utf-8\n\nHere are the minutes.\n"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		mails = append(mails, name)
	}
	call := func(args ...string) (string, int) {
		t.Helper()
		var out, errs bytes.Buffer
		code := process(t.Context(), append([]string{"postern"}, args...), strings.NewReader(""), &out, &errs)
		if errs.Len() > 0 {
			t.Errorf("%q: %s", args, errs.String())
		}
		return out.String(), code
	}
	out, code := call(append([]string{"plan", "--no-config", "--verbose", "--ledger", file, "--account", "alice"}, mails...)...)
	// The 25th address is the last of the batch; two of the four were written to before. The last has to wait until ten minutes have passed since the first.
	if code != 0 || !strings.Contains(out, "4 of 4 messages can be sent, to 4 recipients, in 2 batches; the last after 9 minutes") &&
		!strings.Contains(out, "4 of 4 messages can be sent, to 4 recipients, in 2 batches; the last after 10 minutes") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if !strings.Contains(out, "pair.batch_recipients") || strings.Contains(out, "no ledger is named") {
		t.Errorf("what the last one waits for is not told:\n%s", out)
	}
	out, code = call("ledger", "show", "--no-config", "--ledger", file)
	if code != 0 || !strings.Contains(out, "alice") || strings.Contains(out, "bob@") || !strings.Contains(out, "24") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	out, code = call("ledger", "verify", "--no-config", "--ledger", file)
	if code != 0 || out != "the ledger is sound, with 24 messages\n" {
		t.Errorf("exit %d: %s", code, out)
	}
	out, code = call("ledger", "prune", "--no-config", "--ledger", file, "--keep", "1s")
	if code != 0 || out != "removed 0 messages\n" {
		t.Errorf("exit %d: %s", code, out)
	}
}
