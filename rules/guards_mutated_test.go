package rules

import (
	"maps"
	"slices"
	"testing"

	"postern/rules/facts"
	"postern/rules/guard"
)

// sight is facts that a walk has come to, and what OPA says of them.
type sight struct {
	w       *walk
	f       facts.Facts
	answers []ruleAnswer
}

// sights are facts on walks from all fixtures.
func sights(t *testing.T, e *Engine, steps int) (all []sight) {
	t.Helper()
	messages, settings := fixtureFacts(t, e.Windows())
	messages = append(messages, largeFacts(39_900_000), largeFacts(41_000_000), largeFacts(300_000_000), everyProblem(e))
	for _, set := range []*ruleSet{&e.message, &e.settings} {
		donors := messages
		if set == &e.settings {
			donors = settings
		}
		w := newWalk(t, e, set, donors)
		w.make = newFactMaker(1, w.p)
		for i, f := range donors {
			w.from(t, uint64(i), f)
			for range steps {
				all = append(all, sight{w, *w.f, slices.Clone(w.answers)})
				w.step(t)
			}
		}
	}
	return all
}

// caught tells that OPA contradicts a program about one of some rules.
func caught(p *guard.Program, all []sight, rules ...int32) bool {
	for k := range all {
		s := &all[k]
		for i, rule := range s.w.set.guards {
			if !slices.Contains(rules, rule) {
				continue
			}
			a := s.answers[i]
			if may, _ := p.May(&s.f, rule); s.w.contradicted(p, &s.f, i, &a, may) != "" {
				return true
			}
		}
	}
	return false
}

// TestMutatedGuards makes faults such as a faulty compiler would make: in all rules at once, and in one rule at a time. OPA has to
// contradict each of the first. Of the second some are no faults, since conditions hold twice or the guard only gets more careful; those
// are listed with -v, and of the plain ones seven in eight have to be contradicted.
func TestMutatedGuards(t *testing.T) {
	alone(t)
	steps := 4
	if long() {
		steps = 50
	}
	o := guardOptions["history"].o
	o.Guards = GuardsOn
	e := newEngine(t, o)
	all := sights(t, e, steps)
	p := e.guards.program
	var rules []int32
	for i := range p.Rules {
		rules = append(rules, int32(i))
	}
	if caught(p, all, rules...) {
		t.Fatal("the guards are wrong as they are")
	}
	t.Logf("%d facts, %d rules, %d nodes", len(all), len(rules), len(p.Nodes))
	faults := maps.Clone(mutations)
	for name, change := range map[string]func(*guard.Const){
		"numbers changed": func(c *guard.Const) { c.Int++ },
		"texts changed":   func(c *guard.Const) { c.Text += "x" },
	} {
		faults[name] = func(p *guard.Program, n guard.Node) guard.Node {
			at := &n.A
			switch n.Op {
			case guard.FieldInt, guard.FieldText, guard.FieldCount:
				p.Args = append(p.Args, p.Args[n.D], p.Args[n.D+1])
				n.D = int32(len(p.Args) - 2)
				at = &p.Args[n.D]
			case guard.Value:
			default:
				return n
			}
			c := p.Consts[*at]
			if c.Kind == guard.ConstInt && name == "numbers changed" || c.Kind == guard.ConstText && name == "texts changed" {
				change(&c)
				p.Consts = append(p.Consts, c)
				*at = int32(len(p.Consts) - 1)
			}
			return n
		}
	}
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		t.Run(name, func(t *testing.T) {
			// wrong makes the fault in some nodes. The program is as it was if there is none to make.
			wrong := func(nodes map[int32]bool) (q *guard.Program, is bool) {
				q, err := mutated(p, func(q *guard.Program) {
					for i := range q.Nodes {
						if right := q.Nodes[i]; nodes == nil || nodes[int32(i)] {
							q.Nodes[i] = faults[name](q, right)
							is = is || q.Nodes[i] != right
						}
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				return q, is
			}
			if q, is := wrong(nil); !is || !caught(q, all, rules...) {
				t.Error("in all rules at once, and nobody noticed")
			}
			tried, missed := 0, []string{}
			for _, rule := range rules {
				q, is := wrong(reached(p, p.Rules[rule].Root, p.Rules[rule].Head))
				if !is {
					continue
				}
				if tried++; !caught(q, all, rule) {
					missed = append(missed, p.Rules[rule].Name)
				}
			}
			t.Logf("%d rules, %d not contradicted: %v", tried, len(missed), missed)
			switch name {
			case "comparison turned", "equal and not equal changed", "literal dropped", "negation lost", "key of a finding lost", "texts changed":
				if tried < 20 || len(missed) > tried/8 {
					t.Errorf("of faults in %d rules %d went unnoticed", tried, len(missed))
				}
			}
		})
	}
}
