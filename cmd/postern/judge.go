package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"time"

	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/measure"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

// judge judges messages with one engine. It is used by many goroutines at once.
type judge struct {
	engine   *rules.Engine
	envelope *facts.Envelope
	now      time.Time
	// strict makes a message unjudged that would pass while rules were skipped.
	strict bool
	// inspect, if set, sees each message that was judged while it can be read.
	inspect func(*mailbox.Message, *mimesize.Scanner, *report.Item)
	// templates makes the messages that have no Reader; nil without any.
	templates *templates
	// differs is that the guards and OPA do not agree about a message, with its name.
	differs atomic.Pointer[error]
	// recognise judges files that hold placeholders as templates whose values are not known.
	recognise bool
}

// job is a message on its way through the workers, or the reason why there is none.
type job struct {
	message mailbox.Message
	err     error
}

// all judges the messages that walk yields, on all cores, and hands the results to emit in the order of the walk, from the
// goroutine of the caller. One broken message never stops the others. It returns ctx's error when the run was interrupted,
// and emit's, and one of package gate where guards and OPA do not agree. The context that walk is given is done when nobody wants its messages any more.
func (j *judge) all(ctx context.Context, walk func(context.Context) iter.Seq2[mailbox.Message, error], emit func(*report.Item) error) error {
	jobs := func(ctx context.Context) iter.Seq[*job] {
		return func(yield func(*job) bool) {
			for m, err := range walk(ctx) {
				if !yield(&job{message: m, err: err}) {
					return
				}
			}
		}
	}
	drop := func(x *job) { x.message.Close() }
	return inOrder(ctx, jobs, drop, j.one, func(it *report.Item) error {
		if err := j.difference(); err != nil {
			return err
		}
		return emit(it)
	})
}

// difference is the error of a run whose guards and OPA do not agree about a message; nil if they do.
func (j *judge) difference() error {
	if err := j.differs.Load(); err != nil {
		return *err
	}
	return nil
}

// one judges one message.
func (j *judge) one(ctx context.Context, scanner *mimesize.Scanner, x *job) (it *report.Item) {
	if x.err != nil {
		return broken(x.err)
	}
	m := &x.message
	defer m.Close()
	it = &report.Item{Name: m.Name, Path: m.Path}
	for _, n := range m.Notes {
		it.Notes = append(it.Notes, n.Text+" ["+n.ID+"]")
	}
	defer func() {
		// A fault in one message ends that message only.
		if r := recover(); r != nil {
			*scanner = mimesize.Scanner{}
			*it = report.Item{Name: m.Name, Path: m.Path}
			it.Verdict = rules.Verdict{Outcome: rules.Unjudged, Reason: "internal error: " + quote.Short(fmt.Sprint(r), 200)}
			it.Hint = "this is a bug in postern; the other messages are not affected"
		}
	}()
	opts := facts.Options{Now: j.now}
	from, err := j.prepare(ctx, m, &opts)
	if err != nil {
		it.Verdict = rules.Verdict{Outcome: rules.Unjudged, Reason: err.Error()}
		it.Hint = templateHint(err)
		return it
	}
	j.engine.Spare(&opts)
	f, err := measure.Facts(scanner, m, j.envelope, opts)
	if err != nil {
		it.Verdict = rules.Verdict{Outcome: rules.Unjudged, Reason: err.Error()}
		return it
	}
	defer f.Forget()
	it.Size = &f.Size
	it.Recipients = &report.Recipients{Total: f.Recipients.Total, Unique: f.Recipients.Unique, Uncertain: f.Recipients.Uncertain}
	it.Verdict = j.engine.Judge(ctx, f)
	if err := guardsDiffer(m.Name, j.engine.Difference()); err != nil {
		j.differs.CompareAndSwap(nil, &err)
	}
	if from != nil {
		j.settle(it, from)
	} else {
		shift(&it.Verdict, m.FirstLine-1)
	}
	if j.inspect != nil {
		j.inspect(m, scanner, it)
	}
	if it.Verdict.Outcome == rules.Unjudged && strings.HasPrefix(it.Verdict.Reason, rules.Overrun) {
		it.Hint = "the rules that come with postern are quick; try those under policies one by one with --rule ID"
	}
	j.finish(it)
	return it
}

// accept lets a take what the user accepts out of the verdicts.
func (j *judge) accept(a *acceptance) { j.inspect, a.finish = a.inspect, j.finish }

// finish decides about a message that passes.
func (j *judge) finish(it *report.Item) {
	skipped := 0
	for _, s := range it.Verdict.Skipped {
		if s.Reason != rules.NoLedger { // a message that is not being sent has no history
			skipped++
		}
	}
	if j.strict && it.Verdict.Outcome == rules.Pass && skipped > 0 {
		it.Verdict.Outcome = rules.Unjudged
		it.Verdict.Reason = fmt.Sprintf("%s skipped, and --strict wants every rule applied",
			report.Count(skipped, "rule was", "rules were"))
		it.Hint = "the end of the report says what the skipped rules need"
	}
}

// broken is the item of something that could not be read as a message.
func broken(err error) *report.Item {
	it := &report.Item{Verdict: rules.Verdict{Outcome: rules.Unjudged, Reason: err.Error()}}
	var e *mailbox.Error
	if errors.As(err, &e) {
		it.Name, it.Path, it.Hint = e.Name, e.Name, e.Hint
		it.Verdict.Reason = e.Reason()
	}
	return it
}

// shift makes the lines of findings count from the beginning of the file that the message lies in.
func shift(v *rules.Verdict, lines int64) {
	if lines == 0 {
		return
	}
	for i := range v.Findings {
		if f := &v.Findings[i]; f.Line > 0 && f.File == "" {
			f.Line += lines
		}
	}
}
