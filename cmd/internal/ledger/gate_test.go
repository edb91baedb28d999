package ledger

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

// gate does with a message what a gate does: reserve, judge by the history, then commit or release.
func gate(t *testing.T, e *rules.Engine, l Ledger, message string) (v rules.Verdict, wait time.Duration, temporary bool) {
	t.Helper()
	r, err := mimesize.Scan(strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	entry := Entry{Account: "alice", Sender: "uid:1000", Octets: r.WireBytes}
	f := facts.Make(strings.NewReader(message), int64(len(message)), r, nil, facts.Options{Recipient: func(a string) { entry.Recipients = append(entry.Recipients, a) }})
	entry.Fingerprint, entry.WebScript = f.Text.Fingerprint, f.WebScript
	res, err := l.Reserve(t.Context(), entry)
	if err != nil {
		t.Error(err)
		return
	}
	f.History = res.History
	v = e.Judge(t.Context(), f)
	if v.Outcome == rules.Pass {
		err = l.Commit(t.Context(), res.ID)
	} else {
		err = l.Release(t.Context(), res.ID)
	}
	if err != nil {
		t.Error(err)
	}
	wait, temporary = e.Retry(v)
	return v, wait, temporary
}

const oneOfMany = `From: Alice <alice@example.org>
To: <r%d@neighbour.org>
Subject: Our autumn sale
Date: Mon, 2 Nov 2026 09:30:00 +0000
Message-ID: <%d@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Dear reader %d,

our autumn sale has begun. Until the end of the month you will find coats, boots and umbrellas
at half their price in all our shops, and if you order on our pages before Friday we will pay
the postage for you. We are looking forward to your visit, and wish you dry feet.

Alice
`

// The rules and a real ledger together: of 40 messages at once 25 pass, and the others are told when they could go. In the end the
// mailing that goes out as single messages is found.
func TestRulesHoldInACrowd(t *testing.T) {
	e, err := rules.New(t.Context(), rules.Options{History: true, Guards: rules.GuardsVerify, Disabled: []string{"pair.batch_pace"}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	l := mustOpen(t, filepath.Join(privateDir(t), "ledger.db"), Options{Windows: e.Windows(), Timeout: time.Minute})
	var passed atomic.Int64
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			v, wait, temporary := gate(t, e, l, fmt.Sprintf(oneOfMany, i, i, i))
			switch {
			case v.Outcome == rules.Pass:
				passed.Add(1)
			case v.Outcome != rules.Fail || !temporary || wait < time.Second || wait > 15*time.Minute || v.Findings[0].Rule != "pair.batch_recipients":
				t.Errorf("%s %v %v %+v", v.Outcome, temporary, wait, v.Findings)
			}
		})
	}
	wg.Wait()
	if passed.Load() != 25 {
		t.Errorf("%d messages passed, want 25", passed.Load())
	}
	e, err = rules.New(t.Context(), rules.Options{History: true, Guards: rules.GuardsVerify, Only: []string{"bulk.campaign", "bulk.use_pairlist"}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for i := 25; i < 50; i++ {
		if v, _, _ := gate(t, e, l, fmt.Sprintf(oneOfMany, 100+i, i, i)); v.Outcome != rules.Pass {
			t.Fatalf("message %d: %+v", i+1, v)
		}
	}
	v, _, temporary := gate(t, e, l, fmt.Sprintf(oneOfMany, 200, 200, 200))
	if v.Outcome != rules.Fail || temporary || v.Findings[0].Rule != "bulk.campaign" || v.Findings[0].Value != int64(51) || len(v.Findings) != 2 {
		t.Errorf("the 51st: %+v", v)
	}
	if v, _, _ := gate(t, e, l, "From: alice@example.org\nTo: r201@neighbour.org\nSubject: x\n\n"+strings.Repeat("quite another text with enough words of its own to be told apart ", 5)); v.Outcome != rules.Pass {
		t.Errorf("another text: %+v", v)
	}
}
