package main

import (
	"fmt"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/sendmail"
	"postern/rules"
)

// answerer tells a program that hands in mail, and the people behind it, what became of it.
type answerer struct{ sendmail.Answerer }

// error tells why a message was not taken.
func (a *answerer) error(e *sendmail.Error) int { return a.Error(e) }

// maxTold bounds the findings that a refusal tells.
const maxTold = 20

// refusal tells which rules stand against the message.
func (a *answerer) refusal(h *handover) int {
	v := &h.verdict
	if v.Outcome == rules.Unjudged {
		h.note("not sent", gate.Failed)
		return a.First(gate.Failed.Answer(), "", "the message could not be judged: "+v.Reason, []string{"hint: nothing was sent"})
	}
	first, l := failing(v, h.fails)
	if first == nil { // cannot be: what fails has a finding
		return a.First(gate.Failed.Answer(), "", "the message fails, and no rule says why", nil)
	}
	more := []string{clause(first), "remedy: " + first.Remedy}
	result := "refused"
	if l.Permanent() { // whoever may try again keeps it himself
		id, bad := h.hold(first.Rule)
		if bad != nil {
			h.note("not sent: "+bad.Error(), bad.Live)
			return a.error(bad)
		}
		if id != "" {
			result = "held " + id
			more = append(more, "held as "+id+"; postern held show "+h.configFlag()+id)
			if h.set.HeldStatus == "accepted" {
				l = gate.Taken
			}
		}
	}
	if bad := h.note(result, l); bad != nil {
		more = append(more, bad.Error())
	}
	told := 0
	for i := range v.Findings {
		f := &v.Findings[i]
		if f == first || !h.fails(f.Severity) {
			continue
		}
		if told++; told > maxTold {
			more = append(more, "and more")
			break
		}
		more = append(more, fmt.Sprintf("[%s] %s", f.Rule, f.Message), "remedy: "+f.Remedy)
	}
	answer := l.Answer()
	if l.Permanent() && h.set.RejectExit != 0 {
		answer.Exit = int(h.set.RejectExit)
	}
	return a.First(answer, first.Rule, first.Message, more)
}

func clause(f *rules.Finding) string {
	if f.Clause.Text == "" {
		return ""
	}
	if f.Clause.Source == "" {
		return "clause: " + f.Clause.Text
	}
	return fmt.Sprintf("clause: %s (%s)", f.Clause.Text, f.Clause.Source)
}
