package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// The outcomes of a message in a plan.
const (
	PlanSent     = "sent"     // it can be sent
	PlanBroken   = "broken"   // it breaks a rule that waiting does not mend
	PlanUnjudged = "unjudged" // nobody knows
)

// Planned is a message in a plan.
type Planned struct {
	Name       string `json:"name"`
	Outcome    string `json:"outcome"`
	Recipients int64  `json:"recipients"`
	// AfterSeconds is the earliest time at which it can be sent, from the start of the plan; 0 where it cannot.
	AfterSeconds int64 `json:"after_seconds"`
	// Batch counts from 1; 0 for a message that cannot be sent.
	Batch int `json:"batch"`
	// Waits are the rules that it has to wait for.
	Waits    []string        `json:"waits"`
	Findings []rules.Finding `json:"findings"`
	Reason   string          `json:"reason"`
}

// Batch is messages that follow each other within a minute.
type Batch struct {
	Number       int    `json:"number"`
	AfterSeconds int64  `json:"after_seconds"`
	EndSeconds   int64  `json:"end_seconds"`
	Messages     int    `json:"messages"`
	Recipients   int64  `json:"recipients"`
	First        string `json:"first"`
	Last         string `json:"last"`
}

// Plan is in what time and in what portions messages can be sent. The zero value is an empty plan.
type Plan struct {
	Messages   []Planned `json:"messages"`
	Batches    []Batch   `json:"batches"`
	Sendable   int       `json:"sendable"`
	Broken     int       `json:"broken"`
	Unjudged   int       `json:"unjudged"`
	Recipients int64     `json:"recipients"`
	// EndSeconds is when the last message is sent, from the start.
	EndSeconds int64 `json:"end_seconds"`
	// Fits tells that all messages can be sent in one batch.
	Fits bool `json:"fits"`
	// Ledger tells that what was sent before is known.
	Ledger bool `json:"ledger"`
}

// pause is the gap between messages that begins a new batch.
const pause = 60

// Add takes in the next message.
func (p *Plan) Add(m Planned) {
	switch m.Outcome {
	case PlanBroken:
		p.Broken++
	case PlanUnjudged:
		p.Unjudged++
	default:
		p.Sendable++
		p.Recipients += m.Recipients
		if n := len(p.Batches); n == 0 || m.AfterSeconds-p.Batches[n-1].EndSeconds >= pause {
			p.Batches = append(p.Batches, Batch{Number: n + 1, AfterSeconds: m.AfterSeconds, First: m.Name})
		}
		b := &p.Batches[len(p.Batches)-1]
		b.EndSeconds, b.Last = m.AfterSeconds, m.Name
		b.Messages++
		b.Recipients += m.Recipients
		m.Batch, p.EndSeconds = b.Number, m.AfterSeconds
	}
	p.Messages = append(p.Messages, m)
	p.Fits = p.Broken+p.Unjudged == 0 && len(p.Batches) == 1 && p.Batches[0].AfterSeconds == 0
}

// WritePlanJSON writes a plan as one object.
func WritePlanJSON(w io.Writer, p *Plan) error {
	for i := range p.Messages {
		m := &p.Messages[i]
		if m.Waits == nil {
			m.Waits = []string{}
		}
		if m.Findings == nil {
			m.Findings = []rules.Finding{}
		}
	}
	if p.Messages == nil {
		p.Messages = []Planned{}
	}
	if p.Batches == nil {
		p.Batches = []Batch{}
	}
	b, err := EncodeIndent(struct {
		SchemaVersion int `json:"schema_version"`
		*Plan
	}{SchemaVersion, p})
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}

// Plan writes a plan for people; all lists every message.
func (p *Printer) Plan(plan *Plan, all bool) {
	total := len(plan.Messages)
	switch {
	case total == 0:
		p.Line("no message was found")
		return
	case plan.Fits:
		p.Line(fmt.Sprintf("%s to %s: can be sent in one go, the last after %s", Count(total, "message", "messages"),
			Count(plan.Recipients, "recipient", "recipients"), Duration(time.Duration(plan.EndSeconds)*time.Second)))
	case plan.Sendable == 0:
		p.Line(fmt.Sprintf("%s: none can be sent", Count(total, "message", "messages")))
	default:
		p.Line(fmt.Sprintf("%d of %s can be sent, to %s, in %s; the last after %s", plan.Sendable, Count(total, "message", "messages"),
			Count(plan.Recipients, "recipient", "recipients"), Count(len(plan.Batches), "batch", "batches"), Duration(time.Duration(plan.EndSeconds)*time.Second)))
	}
	if len(plan.Batches) > 0 {
		var t table
		t.add("batch", "start after", "end after", "messages", "recipients", "from", "to")
		for _, b := range plan.Batches[:min(len(plan.Batches), maxBatches)] {
			t.add(fmt.Sprint(b.Number), Duration(time.Duration(b.AfterSeconds)*time.Second), Duration(time.Duration(b.EndSeconds)*time.Second),
				Comma(int64(b.Messages)), Comma(b.Recipients), quote.Short(b.First, 40), quote.Short(b.Last, 40))
		}
		p.table(&t, "rrrrll")
		if n := len(plan.Batches) - maxBatches; n > 0 {
			p.Line(fmt.Sprintf("    and %s more", Count(n, "batch", "batches")))
		}
	}
	if all {
		var t table
		for _, m := range plan.Messages {
			at := m.Outcome
			if m.Outcome == PlanSent {
				at = "after " + Duration(time.Duration(m.AfterSeconds)*time.Second)
			}
			t.add(at, quote.Text(m.Name), strings.Join(m.Waits, ", "))
		}
		p.table(&t, "ll")
	}
	p.unsent(plan)
	if !plan.Ledger {
		p.Line("what was sent before is not known and does not count: no ledger is named")
	}
}

// unsent tells which messages cannot be sent, and why, those with the same reason together.
func (p *Printer) unsent(plan *Plan) {
	var order []string
	names, first := map[string][]string{}, map[string]Planned{}
	for _, m := range plan.Messages {
		key := m.Reason
		if m.Outcome == PlanBroken && len(m.Findings) > 0 {
			key = m.Findings[0].Rule
		}
		if m.Outcome == PlanSent {
			continue
		}
		if names[key] == nil {
			order = append(order, key)
			first[key] = m
		}
		names[key] = append(names[key], m.Name)
	}
	for _, key := range order {
		m, list := first[key], names[key]
		if m.Outcome == PlanUnjudged || len(m.Findings) == 0 {
			p.Line(Count(len(list), "message", "messages") + " unjudged: " + m.Reason)
		} else {
			p.Line(Count(len(list), "message", "messages") + " cannot be sent: " + key)
			p.labelled(4, "first", m.Findings[0].Message)
			p.labelled(4, "remedy", m.Findings[0].Remedy)
		}
		more := ""
		if n := len(list) - maxNames; n > 0 {
			more = fmt.Sprintf(" and %s more", Comma(int64(n)))
		}
		p.labelled(4, "messages", strings.Join(list[:min(len(list), maxNames)], ", ")+more)
	}
}

const (
	maxBatches = 20 // that are shown
	maxNames   = 10 // of messages that cannot be sent for one reason
)
