package rules

import (
	"errors"
	"fmt"
	"slices"

	"postern/rules/facts"
	"postern/rules/guard"
)

// Quiet is what tells without an Engine, and without OPA, that no rule would find anything in a message: when Program lets none of
// Rules through. It is no judgement of a message in which a rule may find something.
type Quiet struct {
	Program *guard.Program
	// Rules are the indexes in Program of the rules that are applied to messages.
	Rules []int32
	// History are those of the rules that judge what was sent before. They are not among Rules, which need no facts.Facts.History;
	// with one, all have to be asked.
	History []int32
	// Problems is the index of the rule that judges what facts.Facts.Problems lists, each by itself; -1 where it is not applied.
	Problems int32
	// Ignored are the problems of which that rule says nothing, because the user has disabled them.
	Ignored []string
	// Facts say what has to be measured.
	Facts facts.Options
}

// Quiet gives what tells that a message is clean. It is an error if the rules have no guards, or one has a guard that lets it
// through whatever the message.
func (e *Engine) Quiet() (*Quiet, error) {
	set, g := &e.message, &e.guards
	if len(set.rules) == 0 {
		return nil, errors.New("no rule is applied to messages")
	}
	if g.once.Do(g.make); g.err != nil {
		return nil, fmt.Errorf("there are no guards: %w", g.err)
	}
	q := &Quiet{Problems: -1}
	var err error
	if q.Program, err = g.program.Only(set.guards); err != nil {
		return nil, fmt.Errorf("the guards: %w", err)
	}
	for i, r := range set.rules {
		if op := q.Program.Nodes[q.Program.Rules[i].Root].Op; op == guard.Give || op == guard.True {
			return nil, fmt.Errorf("the rule %s has no guard", r.ID)
		}
		if slices.Contains(r.Requires, "history") {
			q.History = append(q.History, int32(i))
		} else {
			q.Rules = append(q.Rules, int32(i))
		}
		if r.ID == problemRule {
			q.Problems = int32(i)
		}
	}
	for _, r := range e.rules {
		if r.ref == "" && !r.Enabled {
			q.Ignored = append(q.Ignored, r.ID)
		}
	}
	e.Spare(&q.Facts)
	return q, nil
}
