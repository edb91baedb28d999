//go:build unix

package main

import (
	"fmt"
	"slices"

	"postern/cmd/internal/front"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/sendmail"
	"postern/rules/facts"
)

// place is the place of one message in the count of a ledger.
type place interface {
	// commit makes it last. That comes before the real sendmail is started, as in the whole program: should the machine stop, one message
	// too many is counted, never one too few.
	commit() *sendmail.Error
	// release gives it back, also when it was made to last.
	release() *sendmail.Error
}

// reserve takes a place in a ledger for a message, and gives what was sent before it. It is nil in a program that was built without
// ledgers, see ledger.go.
var reserve func(l *front.Ledger, f *facts.Facts, recipients []string) (place, *facts.History, *sendmail.Error)

// counts tells whether messages are counted.
func (h *handover) counts() bool { return h.entry.Ledger.File != "" }

// count counts a message in which nothing else was found, and judges it with what was sent before. All rules are asked again: one may
// look at the history that does not say so.
func (h *handover) count(f *facts.Facts, env sendmail.Envelope) (*front.Doubt, *sendmail.Error) {
	p, history, bad := reserve(&h.entry.Ledger, f, env.Recipients)
	if bad != nil {
		return nil, bad
	}
	h.place, f.History = p, history
	return h.clean(f, slices.Concat(h.entry.Rules, h.entry.History)), nil
}

// giveBack gives back the place of a message that was not sent. The whole program counts a message that is left to it itself, so that
// it would be counted twice if that failed.
func (h *handover) giveBack() (bad *sendmail.Error) {
	defer func() {
		if r := recover(); r != nil {
			bad = &sendmail.Error{Live: gate.Failed, Err: fmt.Errorf("internal error: %v", r), Hint: "nothing was sent"}
		}
	}()
	if h.place == nil {
		return nil
	}
	p := h.place
	h.place = nil
	return p.release()
}
