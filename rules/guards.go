package rules

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
	"postern/rules/guard"
	"postern/rules/guard/compile"
)

// guardsAfter is how many messages are judged before guards are made: making them takes about as long as OPA does for as many.
const guardsAfter = 50

// planAfter is how many messages are judged before the running of guards is planned: that takes as long as running them so often
// without a plan takes longer.
const planAfter = 500

// guards tells which rules of a set have to be asked about a message.
type guards struct {
	use    Guards
	judged atomic.Int64
	once   sync.Once
	make   func() // called once
	made   atomic.Bool

	program *guard.Program
	reports []compile.Report
	of      map[*Rule]int32 // index of a rule in program
	err     error

	unplanned  atomic.Int64 // messages for which they were run without a plan
	difference atomic.Pointer[error]
}

// prepare says how to make the guards of an engine that is otherwise complete.
func (g *guards) prepare(e *Engine, data ast.Object, use Guards) {
	g.use = use
	g.make = func() {
		var names []string
		var refs []ast.Ref
		g.of = map[*Rule]int32{}
		for _, set := range e.sets() {
			for _, r := range set.rules {
				if _, known := g.of[r]; known {
					continue
				}
				ref, err := ast.ParseRef(r.ref)
				if err != nil {
					g.err = err
					return
				}
				g.of[r] = int32(len(names))
				names, refs = append(names, r.ID), append(refs, ref)
			}
			for _, r := range set.rules {
				set.guards = append(set.guards, g.of[r])
			}
		}
		g.program, g.reports, g.err = compile.Rules(compile.Policies{Compiler: e.compiler, Data: data}, names, refs)
		if g.err == nil {
			e.planLater()
		}
		g.made.Store(g.err == nil)
	}
}

// planLater says how the guards of each set are run, once they are made. Most programs need one set of the three.
func (e *Engine) planLater() {
	for _, set := range e.sets() {
		set.plan = sync.OnceValue(func() *guard.Plan { return e.guards.program.Plan(set.guards) })
	}
}

// some gives the indexes of the rules of a set that may find something in f. It is false where guards are not used.
func (g *guards) some(set *ruleSet, f *facts.Facts) (some []int, ok bool) {
	if g.use == GuardsOff {
		return nil, false
	}
	if !g.made.Load() {
		if g.use == GuardsLater && g.judged.Add(1) <= guardsAfter {
			return nil, false
		}
		if g.once.Do(g.make); !g.made.Load() {
			return nil, false // OPA needs no guards
		}
	}
	switch {
	case g.use == GuardsVerify: // neither way may hide a finding
		planned := set.plan().Run(f, nil)
		some = slices.DeleteFunc(g.program.Run(f, set.guards, nil), func(i int) bool { return !slices.Contains(planned, i) })
	case g.unplanned.Load() < planAfter && g.unplanned.Add(1) <= planAfter:
		some = g.program.Run(f, set.guards, nil)
	default:
		some = set.plan().Run(f, nil)
	}
	return some, true
}

// ask gives the findings of some rules of a set, by their indexes: of OPA only where the guards cannot make them. room is empty; what
// the guards make is made in it.
func (e *Engine) ask(ctx context.Context, set *ruleSet, some []int, f *facts.Facts, room []Finding) ([]Finding, error) {
	found, rest := e.find(set, some, f, room)
	e.place(found, f)
	if len(rest) > 0 {
		more, err := e.opa(ctx, set, rest, f)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	if sortFindings(found); ambiguous(found) {
		return e.opa(ctx, set, some, f)
	}
	return found, nil
}

// verify evaluates all rules of a set and those that the guards let through, and gives the findings of all. It is an error if
// the two differ in anything.
func (e *Engine) verify(ctx context.Context, set *ruleSet, some []int, f *facts.Facts) ([]Finding, error) {
	if err := e.guards.err; err != nil {
		return nil, fmt.Errorf("there are no guards: %w", err)
	}
	all, err := e.opa(ctx, set, set.all, f)
	if errors.Is(err, errOverrun) || ctx.Err() != nil {
		return nil, err
	}
	part, partErr := []Finding{}, error(nil)
	if len(some) > 0 {
		part, partErr = e.ask(ctx, set, some, f, part)
	}
	if errors.Is(partErr, errOverrun) || ctx.Err() != nil {
		return nil, partErr
	}
	switch {
	case err != nil && partErr == nil:
		err = fmt.Errorf("the guards hide that %w", err)
	case err == nil && partErr != nil:
		err = fmt.Errorf("of the rules that the guards let through %w", partErr)
	case err == nil && !reflect.DeepEqual(all, part):
		err = errors.New("the findings are others with guards")
		for _, f := range all {
			if !slices.ContainsFunc(part, func(o Finding) bool { return reflect.DeepEqual(f, o) }) {
				err = fmt.Errorf("the guard of rule %s hides a finding: %s", f.Rule, f.Message)
				break
			}
		}
		for _, f := range part {
			if !slices.ContainsFunc(all, func(o Finding) bool { return reflect.DeepEqual(f, o) }) {
				err = fmt.Errorf("%w; a finding of rule %s is made up: %s", err, f.Rule, f.Message)
				break
			}
		}
	default:
		return all, err
	}
	e.guards.difference.CompareAndSwap(nil, &err)
	return nil, err
}

// Difference gives the first difference between the guards and OPA that GuardsVerify has come upon, nil if there was none. It is
// a fault of the program; the verdict about its message was unjudged.
func (e *Engine) Difference() error {
	if err := e.guards.difference.Load(); err != nil {
		return *err
	}
	return nil
}

// GuardReport tells how well a rule could be compiled to a guard.
type GuardReport = compile.Report

// Guard tells how well the rule of that id could be compiled; false for one that is not evaluated. It makes the guards if there
// are none.
func (e *Engine) Guard(id string) (GuardReport, bool, error) {
	e, err := e.compiled()
	if err != nil {
		return GuardReport{}, false, err
	}
	g := &e.guards
	if g.once.Do(g.make); g.err != nil {
		return GuardReport{}, false, g.err
	}
	at, ok := g.of[e.byID[id]]
	if !ok {
		return GuardReport{}, false, nil
	}
	return g.reports[at], true, nil
}
