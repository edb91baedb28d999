package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"postern/rules/guard"
)

// Snapshot is what an Engine has worked out of its policies and options, as plain data: what rules say of themselves, which are applied
// to what, and their guards. With it New can be put off until a message comes that only OPA can judge, which few are.
//
// It holds for the octets of the policies and the options that it was made of, and for this very program, because the built-in policies,
// the built-in functions and OPA are parts of that. Of Options FailOn, Timeout, Guards and LimitPlaces may be others. Whoever keeps a
// Snapshot has to see to it that it is used for nothing else; what comes from where others can write must never be used.
type Snapshot struct {
	Rules                     []SnapshotRule // all, in order of their ids
	Message, Opaque, Settings SnapshotSet
	// Everything tells that the policies may read any field of the input; otherwise Wanted lists those that they read.
	Everything bool
	Wanted     []string
	Guards     guard.Program
}

// Sets gives the sets, always in the same order.
func (s *Snapshot) Sets() []*SnapshotSet { return []*SnapshotSet{&s.Message, &s.Opaque, &s.Settings} }

// SnapshotRule is a rule with what is not for everybody.
type SnapshotRule struct {
	Rule
	Configured bool   // its severity is the user's
	Ref        string // of its findings
}

// SnapshotSet is the rules that are applied to one kind of input.
type SnapshotSet struct {
	Rules   []int32 // indexes in Snapshot.Rules
	Guards  []int32 // for each of them the index in the guards
	Skipped []Skipped
}

// Snapshot gives that of an engine. It makes the guards if there are none. What it shares with the engine must not be changed.
func (e *Engine) Snapshot() (*Snapshot, error) {
	e, err := e.compiled()
	if err != nil {
		return nil, err
	}
	g := &e.guards
	if g.once.Do(g.make); g.err != nil {
		return nil, g.err
	}
	s := &Snapshot{Everything: e.wanted == nil, Wanted: sortedKeys(e.wanted), Guards: *g.program}
	at := make(map[*Rule]int32, len(e.rules))
	for i, r := range e.rules {
		at[r] = int32(i)
		s.Rules = append(s.Rules, SnapshotRule{Rule: *r, Configured: r.configured, Ref: r.ref})
	}
	for i, to := range s.Sets() {
		set := e.sets()[i]
		to.Skipped, to.Guards = set.skipped, set.guards
		for _, r := range set.rules {
			to.Rules = append(to.Rules, at[r])
		}
	}
	return s, nil
}

// Resume gives the Engine that New would give, from a snapshot of it: every verdict is the same. It compiles the policies when a message
// comes that the guards cannot judge. It is an error if the snapshot is none that an engine has given, as far as that can be seen from
// it; s must not be changed afterwards.
func Resume(s *Snapshot, o Options) (*Engine, error) {
	if err := errors.Join(o.running()...); err != nil {
		return nil, err
	}
	if err := s.Guards.Prepare(); err != nil {
		return nil, err
	}
	all := make([]*Rule, len(s.Rules))
	for i := range s.Rules {
		r := &s.Rules[i]
		r.Rule.configured, r.Rule.ref = r.Configured, r.Ref
		if all[i] = &r.Rule; r.ID == "" || severityRank(r.Severity) == 0 || i > 0 && r.ID <= s.Rules[i-1].ID {
			return nil, fmt.Errorf("%d is no rule", i)
		}
	}
	e := engineOf(all, o)
	for i, from := range s.Sets() {
		set := e.sets()[i]
		if len(from.Rules) != len(from.Guards) {
			return nil, fmt.Errorf("%d rules have %d guards", len(from.Rules), len(from.Guards))
		}
		for j, at := range from.Rules {
			g := from.Guards[j]
			if at < 0 || int(at) >= len(all) || g < 0 || int(g) >= len(s.Guards.Rules) || s.Guards.Rules[g].Name != all[at].ID || all[at].ref == "" {
				return nil, fmt.Errorf("a set holds rule %d with guard %d", at, g)
			}
			set.rules = append(set.rules, all[at])
		}
		set.skipped, set.guards = from.Skipped, from.Guards
	}
	if err := e.complete(o); err != nil {
		return nil, err
	}
	if !s.Everything {
		e.wanted = make(wanted, len(s.Wanted))
		for _, name := range s.Wanted {
			e.wanted[name] = true
		}
	}
	e.guards.use, e.guards.program, e.guards.make = o.Guards, &s.Guards, func() {}
	e.planLater()
	e.guards.made.Store(true)
	e.fresh = sync.OnceValues(func() (*Engine, error) {
		f, err := New(context.Background(), o)
		if err == nil && !e.same(f) {
			err = errors.New("the rules are others than those that were kept")
		}
		if err != nil {
			return nil, fmt.Errorf("the rules could not be compiled again: %w", err)
		}
		return f, nil
	})
	return e, nil
}

// compiled gives the engine that has OPA's part: e itself, but for one that was resumed.
func (e *Engine) compiled() (*Engine, error) {
	if e.fresh == nil {
		return e, nil
	}
	return e.fresh()
}

// same tells that two engines apply the same rules in the same order, so that a rule has the same index in both.
func (e *Engine) same(f *Engine) bool {
	for i, set := range e.sets() {
		if !slices.EqualFunc(set.rules, f.sets()[i].rules, func(a, b *Rule) bool { return a.ref == b.ref }) {
			return false
		}
	}
	return true
}
