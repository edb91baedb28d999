package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"postern/cmd/internal/config"
	"postern/cmd/internal/ledger"
	"postern/cmd/internal/sendmail"
	"postern/rules"
	"postern/rules/facts"
)

// withLedger counts the message, judges it with what was sent before, and keeps the place in the count if it passes. A message
// that comes too early waits for its time where postern.yaml says so.
func (h *handover) withLedger(ctx context.Context, f *facts.Facts, place *config.Ledger) *sendmail.Error {
	l, err := openLedger(ctx, place, h.rules.Windows(), false)
	if err != nil {
		return ledgerAway(err)
	}
	h.ledger = l
	// The user that runs the program is who it is; what the message says of its sender anybody can write.
	entry := ledger.Entry{
		Account: h.cfg.Account.Username, Sender: fmt.Sprintf("uid:%d", os.Getuid()), Recipients: h.env.Recipients, Octets: f.Size.WireBytes,
		Fingerprint: f.Text.Fingerprint, WebScript: f.WebScript,
	}
	began := time.Now()
	for {
		r, err := l.Reserve(ctx, entry)
		if err != nil {
			return ledgerAway(err)
		}
		h.reserved, f.History = r.ID, r.History
		h.verdict = h.answer(ctx, f)
		if h.verdict.Outcome == rules.Pass {
			return nil
		}
		h.release()
		wait, temporary := h.rules.Retry(h.verdict)
		wait = max(wait, time.Second)
		if place.Pace != "wait" || !temporary || time.Since(began)+wait > place.LongestWait {
			return nil
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return nil
		}
	}
}

// commit makes the place in the count last. With a real sendmail that has to come before it is started: should it then fail to start
// the place is given back, and should the machine stop, one message too many is counted, never one too few.
func (h *handover) commit(ctx context.Context) *sendmail.Error {
	if h.reserved == "" {
		return nil
	}
	if err := h.ledger.Commit(ctx, h.reserved); err != nil {
		h.release()
		return ledgerAway(err)
	}
	return nil
}

// release gives the place back of a message that has certainly not gone out. One that cannot be given back ends by itself if it was not
// made to last.
func (h *handover) release() {
	if h.reserved != "" {
		h.ledger.Release(context.Background(), h.reserved)
		h.reserved = ""
	}
}

// end closes what was opened on the way.
func (h *handover) end() {
	if h.ledger != nil {
		h.ledger.Close()
	}
	if h.log != nil {
		h.log.Close()
	}
}

func ledgerAway(err error) *sendmail.Error { return sendmail.Uncounted(err, ledger.Hint(err)) }
