package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown"

	"postern/rules/facts"
	"postern/rules/guard"
)

// Engine judges facts by compiled policies. It can be used by many goroutines at once.
//
// An evaluation that overruns Options.Timeout is told to stop, is waited for a little longer, and is then abandoned: the
// verdict is unjudged, in bounded time. OPA cannot be made to stop in the middle of one built-in function, so an abandoned
// evaluation goes on until that function returns; it keeps its input, its memory and a share of a processor. While
// maxAbandoned such evaluations are running, every further message is unjudged at once; so there are never more than that and
// the calls of Judge that were under way when the last of them was abandoned. The built-in functions that are known never to
// return are withheld from policies. What an Engine cannot promise is a bound on the memory
// of a policy that builds large values within its time; only a process of its own with a limit could. Whoever runs policies
// that he does not trust has to give the program such a limit.
type Engine struct {
	rules    []*Rule
	byID     map[string]*Rule
	compiler *ast.Compiler
	store    storage.Store
	txn      storage.Transaction // for reading; the store is never written to
	wanted   wanted
	message  ruleSet
	opaque   ruleSet // for templates whose values are not known
	settings ruleSet
	history  bool            // messages come with their history
	windows  []time.Duration // that it must have
	guards   guards
	failOn   int
	timeout  time.Duration
	// fresh makes the same engine from the policies, once. It is there for an engine that was made from a Snapshot, which has nothing
	// that OPA could evaluate: neither compiler nor store nor queries.
	fresh func() (*Engine, error)
	// abandoned counts evaluations that were given up and have not returned.
	abandoned atomic.Int32
}

// ruleSet is the rules that are run over one kind of input.
type ruleSet struct {
	opaque  bool // only rules that stay true for any value of placeholders count
	rules   []*Rule
	skipped []Skipped
	all     []int              // the indexes of rules
	queries []*ast.Expr        // for each rule the literal that asks for its findings
	guards  []int32            // for each rule the index of its guard, once they are made
	plan    func() *guard.Plan // of the guards, once they are made
	clean   Verdict            // that nothing was found
}

// compile compiles the queries of a set.
func (s *ruleSet) compile(c *ast.Compiler) error {
	for i, r := range s.rules {
		query, err := ast.ParseBody(fmt.Sprintf("%s = %s", foundVar(i), r.ref))
		if err != nil {
			return err
		}
		if query, err = c.QueryCompiler().Compile(query); err != nil {
			return err
		}
		if len(query) != 1 {
			return fmt.Errorf("rule %s: its query has %d literals", r.ID, len(query))
		}
		s.queries = append(s.queries, query[0])
	}
	return nil
}

// prepare completes a set whose rules are known.
func (s *ruleSet) prepare() {
	for i := range s.rules {
		s.all = append(s.all, i)
	}
	s.clean = Verdict{Outcome: Pass, Findings: []Finding{}, Skipped: slices.Clip(slices.Clone(s.skipped))}
	if s.skipped == nil {
		s.clean.Skipped = []Skipped{}
	}
}

// query is the body that asks for the findings of some rules, by their indexes.
func (s *ruleSet) query(some []int) ast.Body {
	body := make(ast.Body, len(some))
	for at, i := range some {
		x := *s.queries[i]
		x.Index = at
		body[at] = &x
	}
	return body
}

// foundVar is the variable for the findings of the rule of that index.
func foundVar(i int) ast.Var { return ast.Var("found" + strconv.Itoa(i)) }

// Overrun begins the reason of a verdict about a message that the rules took too long for.
const Overrun = "the rules took longer than"

var errOverrun = errors.New(Overrun)

const (
	// maxAbandoned bounds the evaluations that go on after they were given up.
	maxAbandoned = 4
	// grace is how long an evaluation that was told to stop is waited for.
	grace = 100 * time.Millisecond
)

// Rules gives all rules, in order of their ids, also those that the options leave out.
func (e *Engine) Rules() []Rule {
	all := make([]Rule, len(e.rules))
	for i, r := range e.rules {
		all[i] = *r
	}
	return all
}

// Judge judges a message. Of a template whose values are not known (facts.Facts.Opaque) it applies the rules that are true for
// any value; the others are skipped. It never fails: what goes wrong makes the verdict unjudged and stands in its reason.
//
// An evaluation error makes the whole message unjudged, whatever other rules have found: findings next to rules that could
// not be evaluated would read as a complete answer.
func (e *Engine) Judge(ctx context.Context, f *facts.Facts) Verdict {
	return e.JudgeInto(ctx, f, nil)
}

// JudgeInto is Judge for those who judge many messages, one after the other: the findings take the place of those in room, which are
// no longer needed. The next verdict can be made in them.
func (e *Engine) JudgeInto(ctx context.Context, f *facts.Facts, room []Finding) Verdict {
	if room = room[:0]; room == nil {
		room = []Finding{}
	}
	set := &e.message
	if f != nil && f.Opaque {
		set = &e.opaque
	}
	switch {
	case f == nil:
		return e.unjudged(set, "there are no facts")
	case f.Kind != facts.KindMessage:
		return e.unjudged(set, fmt.Sprintf("the facts are of kind %q, not of a message", f.Kind))
	case f.Size.StoredBytes == 0:
		return e.unjudged(set, "the message is empty")
	}
	if reason := e.lacksHistory(f); reason != "" {
		return e.unjudged(set, reason)
	}
	return e.judge(ctx, set, f, room)
}

// JudgeSettings judges submission settings, with the rules whose input is settings, as Judge does a message.
func (e *Engine) JudgeSettings(ctx context.Context, f *facts.Facts) Verdict {
	if f == nil || f.Kind != facts.KindSettings {
		return e.unjudged(&e.settings, "there are no facts of settings")
	}
	return e.judge(ctx, &e.settings, f, []Finding{})
}

func (e *Engine) judge(ctx context.Context, set *ruleSet, f *facts.Facts, room []Finding) Verdict {
	if f.SchemaVersion != facts.SchemaVersion {
		return e.unjudged(set, fmt.Sprintf("the facts are of version %d, the rules of version %d", f.SchemaVersion, facts.SchemaVersion))
	}
	if len(set.rules) == 0 {
		return e.unjudged(set, "no rule could be applied to this input")
	}
	var found []Finding
	var err error
	switch some, guarded := e.guards.some(set, f); {
	case e.guards.use == GuardsVerify:
		found, err = e.verify(ctx, set, some, f)
	case !guarded || ctx.Err() != nil || e.busy():
		found, err = e.opa(ctx, set, set.all, f)
	case len(some) == 0:
		found = room
	default:
		found, err = e.ask(ctx, set, some, f, room)
	}
	if err != nil {
		return e.unjudged(set, err.Error())
	}
	v := set.clean
	v.Findings = found
	for i := range found {
		if severityRank(found[i].Severity) >= e.failOn {
			v.Outcome = Fail
		}
	}
	return v
}

// opa has OPA evaluate some rules of a set, by their indexes.
func (e *Engine) opa(ctx context.Context, set *ruleSet, some []int, f *facts.Facts) ([]Finding, error) {
	found, err := e.run(ctx, set, some, inputOf(e.wanted.of(f)))
	if e.place(found, f) {
		sortFindings(found)
	}
	return found, err
}

// place gives findings about header fields the line of their field. It tells whether there were any; they are out of order then.
func (e *Engine) place(found []Finding, f *facts.Facts) (placed bool) {
	var of *Rule // that of the finding before, and its line
	var line int64
	for i := range found {
		x := &found[i]
		if x.Line != 0 || x.File != "" {
			continue
		}
		if of == nil || of.ID != x.Rule {
			if of = e.byID[x.Rule]; of == nil {
				continue
			}
			line = of.line(f)
		}
		if line > 0 {
			x.Line, placed = line, true
		}
	}
	return placed
}

// line is that of the only field of the message that a finding of the rule can be about, 0 if there is none or are several.
func (r *Rule) line(f *facts.Facts) (line int64) {
	for _, name := range r.Fields {
		switch n := f.Header.FirstLine(name); {
		case n > 0 && line > 0:
			return 0
		case n > 0:
			line = n
		}
	}
	return line
}

// busy tells that no more evaluations are begun.
func (e *Engine) busy() bool { return e.abandoned.Load() >= maxAbandoned }

func (e *Engine) unjudged(set *ruleSet, reason string) Verdict {
	return Verdict{Outcome: Unjudged, Reason: reason, Findings: []Finding{}, Skipped: set.clean.Skipped}
}

type answer struct {
	found []Finding
	err   error
}

// run evaluates some rules of a set, by their indexes, in another goroutine, because nothing else can be left behind when it does
// not end.
func (e *Engine) run(ctx context.Context, set *ruleSet, some []int, input *ast.Term) ([]Finding, error) {
	if e.busy() {
		return nil, fmt.Errorf("%d evaluations have overrun their time and are still running: no more are begun until one of them ends", maxAbandoned)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("stopped: %w", err)
	}
	by, err := e.compiled()
	if err != nil {
		return nil, err
	}
	set = by.sets()[slices.Index(e.sets(), set)]
	stop := topdown.NewCancel()
	done := make(chan answer, 1)
	// 0 running, 1 returned, 2 given up: whoever comes second counts the abandoned ones.
	var state atomic.Int32
	hand(job{
		do:   func() answer { return by.evaluate(set, some, input, stop) },
		done: done,
		end: func() bool {
			if state.CompareAndSwap(0, 1) {
				return true
			}
			e.abandoned.Add(-1)
			return false
		},
	})
	timer := time.NewTimer(e.timeout)
	defer timer.Stop()
	var reason error
	select {
	case a := <-done:
		return a.found, a.err
	case <-timer.C:
		reason = fmt.Errorf("%w %s", errOverrun, e.timeout)
	case <-ctx.Done():
		reason = fmt.Errorf("stopped: %w", ctx.Err())
	}
	stop.Cancel()
	timer.Reset(grace)
	select {
	case <-done:
	case <-timer.C:
		e.abandoned.Add(1)
		if !state.CompareAndSwap(0, 2) {
			e.abandoned.Add(-1) // it has just returned
		}
	}
	return nil, reason
}

// evaluate runs some rules over an input. A panic inside OPA ends this evaluation only.
func (e *Engine) evaluate(set *ruleSet, some []int, input *ast.Term, stop topdown.Cancel) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{err: fmt.Errorf("the evaluation of the rules broke off: %v", p)}
		}
	}()
	var found []*ast.Term
	query := topdown.NewQuery(set.query(some)).WithCompiler(e.compiler).WithStore(e.store).WithTransaction(e.txn).
		WithInput(input).WithCancel(stop).WithStrictBuiltinErrors(true).WithSeed(noSeed{})
	err := query.Iter(context.Background(), func(r topdown.QueryResult) error {
		if found != nil {
			return errors.New("more than one result")
		}
		for _, i := range some {
			found = append(found, r[foundVar(i)])
		}
		return nil
	})
	switch {
	case topdown.IsCancel(err):
		return answer{err: errors.New("the rules took too long")}
	case err != nil:
		return answer{err: fmt.Errorf("a rule could not be evaluated: %w", err)}
	case len(found) != len(some):
		return answer{err: errors.New("a rule gave no result")}
	}
	a.found, a.err = e.decode(set, some, found)
	return a
}

// noSeed is the source of chance of policies: none. What would read it is withheld.
type noSeed struct{}

func (noSeed) Read([]byte) (int, error) { return 0, errors.New("policies cannot ask for chance") }
