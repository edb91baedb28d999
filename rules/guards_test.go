package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"postern/rules/facts"
	"postern/rules/guard"
)

// answers is what OPA says of facts: for each rule of the set whether it finds something and what, or that there was an error.
type answers struct {
	f        *facts.Facts
	set      *ruleSet
	found    []bool
	findings [][]Finding
	refused  []bool // the findings are not what they must be
	failed   bool
}

func (e *Engine) answersOf(t testing.TB, set *ruleSet, f *facts.Facts, input *ast.Term) answers {
	t.Helper()
	o := answers{f: f, set: set}
	stop := topdown.NewCancel() // an example can run for ever
	defer time.AfterFunc(2*time.Second, stop.Cancel).Stop()
	err := topdown.NewQuery(o.set.query(o.set.all)).WithCompiler(e.compiler).WithStore(e.store).WithTransaction(e.txn).
		WithInput(input).WithStrictBuiltinErrors(true).WithSeed(noSeed{}).WithCancel(stop).
		Iter(t.Context(), func(r topdown.QueryResult) error {
			for _, i := range o.set.all {
				term := r[set.queries[i].Operand(0).Value.(ast.Var)]
				o.found = append(o.found, term.Value.(ast.Set).Len() > 0)
				findings, err := e.decode(set, []int{i}, []*ast.Term{term})
				o.findings, o.refused = append(o.findings, findings), append(o.refused, err != nil)
			}
			return nil
		})
	o.failed = err != nil
	return o
}

// contradicts tells where a program's answer cannot be right: a finding or an error that it hides, or a rule that it was
// compiled exactly for and asks in vain, or findings that are not OPA's.
func (e *Engine) contradicts(p *guard.Program, o answers) string {
	plain := p.Run(o.f, o.set.guards, nil)
	some := planOf(p, o.set).Run(o.f, nil)
	for _, i := range some {
		if !slices.Contains(plain, i) {
			return o.set.rules[i].ID + ": only the plan lets it through"
		}
	}
	if o.failed {
		if len(some) == 0 {
			return "an error is hidden"
		}
		return ""
	}
	for i, found := range o.found {
		may := slices.Contains(some, i)
		id := o.set.rules[i].ID
		switch {
		case found && !may:
			return id + ": a finding is hidden"
		case !found && may && e.guards.reports[o.set.guards[i]].Exact:
			_, certain := p.May(o.f, o.set.guards[i])
			if made, ok := p.Find(o.f, o.set.guards[i], nil); certain && (!ok || len(made) > 0) {
				return id + ": asked in vain"
			}
		}
		if !may {
			continue
		}
		made, ok := p.Find(o.f, o.set.guards[i], nil)
		if !ok {
			continue
		}
		mine, ok := e.adopt(o.set, o.set.rules[i], made, []Finding{})
		sortFindings(mine)
		switch {
		case !ok:
		case o.refused[i]:
			return id + ": a finding that is refused is made"
		case !reflect.DeepEqual(mine, o.findings[i]) && !ambiguous(mine):
			return fmt.Sprintf("%s: other findings are made: %+v, not %+v", id, mine, o.findings[i])
		}
	}
	return ""
}

// plans are kept while a program is tried: to make one takes longer than to run it.
var plans, planCount = sync.Map{}, atomic.Int32{}

func planOf(p *guard.Program, set *ruleSet) *guard.Plan {
	type key struct {
		p   *guard.Program
		set *ruleSet
	}
	if plan, ok := plans.Load(key{p, set}); ok {
		return plan.(*guard.Plan)
	}
	if planCount.Add(1)%64 == 0 {
		plans.Clear()
	}
	plan := p.Plan(set.guards)
	plans.Store(key{p, set}, plan)
	return plan
}

// mutations are faults that a compiler could have. Each makes one of a node, or leaves it as it is.
var mutations = map[string]func(p *guard.Program, n guard.Node) guard.Node{
	"comparison turned": func(p *guard.Program, n guard.Node) guard.Node {
		return compared(p, n, func(how int32) int32 {
			return map[int32]int32{guard.Less: guard.Greater, guard.Greater: guard.Less, guard.LessEqual: guard.GreaterEqual, guard.GreaterEqual: guard.LessEqual}[how]
		})
	},
	"limit taken in": func(p *guard.Program, n guard.Node) guard.Node {
		return compared(p, n, func(how int32) int32 {
			return map[int32]int32{guard.Less: guard.LessEqual, guard.Greater: guard.GreaterEqual, guard.LessEqual: guard.Less, guard.GreaterEqual: guard.Greater}[how]
		})
	},
	"equal and not equal changed": func(p *guard.Program, n guard.Node) guard.Node {
		return compared(p, n, func(how int32) int32 {
			return map[int32]int32{guard.Equal: guard.NotEqual + 100, guard.NotEqual: guard.Equal + 100}[how]
		})
	},
	"literal dropped": func(_ *guard.Program, n guard.Node) guard.Node {
		switch n.Op {
		case guard.FieldTrue, guard.FieldInt, guard.FieldText, guard.FieldCount, guard.Compare, guard.Holds:
			return guard.Node{Op: guard.If, C: n.C} // node 0 is True
		}
		return n
	},
	"negation lost": func(_ *guard.Program, n guard.Node) guard.Node {
		switch n.Op {
		case guard.Not:
			n.Op = guard.If
		case guard.FieldTrue:
			n.D = 1 - n.D
		}
		return n
	},
	"alternative lost": func(_ *guard.Program, n guard.Node) guard.Node {
		if n.Op == guard.Any {
			n.B--
		}
		return n
	},
	"function mistaken": func(_ *guard.Program, n guard.Node) guard.Node {
		if n.Op == guard.Call {
			switch n.A {
			case guard.StartsWith:
				n.A = guard.EndsWith
			case guard.EndsWith:
				n.A = guard.StartsWith
			case guard.Lower:
				n.A = guard.Upper
			}
		}
		return n
	},
	"key of a finding lost": func(_ *guard.Program, n guard.Node) guard.Node {
		if n.Op == guard.Emit && n.B > 1 {
			n.B--
		}
		return n
	},
	"values of a finding changed": func(p *guard.Program, n guard.Node) guard.Node {
		if n.Op == guard.Emit && n.B > 1 {
			pairs := slices.Clone(p.Args[n.A : n.A+2*n.B])
			pairs[1], pairs[3] = pairs[3], pairs[1]
			n.A = int32(len(p.Args))
			p.Args = append(p.Args, pairs...)
		}
		return n
	},
	"joined as they come": func(_ *guard.Program, n guard.Node) guard.Node {
		if n.Op == guard.Join {
			n.D = guard.InOrder
		}
		return n
	},
}

// compared changes how a node compares.
func compared(p *guard.Program, n guard.Node, change func(int32) int32) guard.Node {
	switch n.Op {
	case guard.Compare:
		if how := change(n.D); how != 0 {
			n.D = how % 100
		}
	case guard.FieldInt, guard.FieldCount, guard.FieldText:
		if how := change(p.Args[n.D+1]); how != 0 {
			p.Args = append(p.Args, p.Args[n.D], how%100)
			n.D = int32(len(p.Args) - 2)
		}
	}
	return n
}

func mutated(p *guard.Program, change func(*guard.Program)) (*guard.Program, error) {
	m := &guard.Program{
		Version: p.Version, Rules: p.Rules, Nodes: slices.Clone(p.Nodes), Args: slices.Clone(p.Args), Fields: p.Fields, Consts: slices.Clone(p.Consts),
		Memos: p.Memos, Registers: p.Registers, Sets: p.Sets, Sums: p.Sums, Lists: p.Lists,
	}
	change(m)
	return m, m.Prepare()
}

// TestGuardsAreData: a program that was written and read again is the same, and one that names what is not there is refused.
func TestGuardsAreData(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{Account: fixtureAccount(), Guards: GuardsOn})
	e.guards.once.Do(e.guards.make)
	p := e.guards.program
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again := &guard.Program{}
	if err := json.Unmarshal(raw, again); err != nil {
		t.Fatal(err)
	}
	if err := again.Prepare(); err != nil {
		t.Fatal(err)
	}
	m := newFactMaker(3, p)
	for range 300 {
		f := m.make()
		if want, got := p.Run(f, e.message.guards, nil), again.Run(f, e.message.guards, nil); !slices.Equal(want, got) {
			t.Fatalf("%v, and %v after it was read again", want, got)
		}
	}
	t.Logf("%d octets", len(raw))
	for name, change := range map[string]func(*guard.Program){
		"node":     func(p *guard.Program) { p.Rules[0].Root = int32(len(p.Nodes)) },
		"register": func(p *guard.Program) { p.Registers = 2 },
		"field":    func(p *guard.Program) { p.Fields[0].Path = "size.of_it_all" },
		"record":   func(p *guard.Program) { p.Fields[0], p.Fields[1] = p.Fields[1], p.Fields[0] },
		"version":  func(p *guard.Program) { p.Version++ },
		"argument": func(p *guard.Program) { p.Args = p.Args[:len(p.Args)/2] },
		"constant": func(p *guard.Program) { p.Consts = p.Consts[:1] },
		"memo":     func(p *guard.Program) { p.Memos = nil },
	} {
		broken := &guard.Program{}
		if err := json.Unmarshal(raw, broken); err != nil {
			t.Fatal(err)
		}
		if change(broken); broken.Prepare() == nil {
			t.Errorf("%s: a program that is not sound is accepted", name)
		}
	}
}

// TestOnlyConditions: a program of the conditions alone says the same as the whole one, and is much smaller.
func TestOnlyConditions(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{Account: fixtureAccount(), History: true, Guards: GuardsOn})
	q, err := e.Quiet()
	if err != nil {
		t.Fatal(err)
	}
	p, all := e.guards.program, slices.Concat(q.Rules, q.History)
	if 2*len(q.Program.Nodes) > len(p.Nodes) || len(all) != len(e.message.rules) || len(q.History) < 4 {
		t.Errorf("%d nodes of %d, %d rules of %d, %d of them on what was sent before", len(q.Program.Nodes), len(p.Nodes), len(all), len(e.message.rules), len(q.History))
	}
	messages, _ := fixtureFacts(t, nil)
	m := newFactMaker(3, p)
	for range 300 {
		messages = append(messages, m.make())
	}
	fired := 0
	for _, f := range messages {
		want, got := p.Run(f, e.message.guards, nil), q.Program.Run(f, all, nil)
		for i, at := range got {
			got[i] = int(all[at])
		}
		slices.Sort(got)
		if fired += len(got); !slices.Equal(want, got) {
			t.Fatalf("%v, and %v with conditions only", want, got)
		}
	}
	if fired < 1000 {
		t.Errorf("only %d rules may find something", fired)
	}
}

// TestDamagedGuards damages a program at random: it is refused, or it runs without reading what it must not.
func TestDamagedGuards(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{Account: fixtureAccount(), History: true, Guards: GuardsOn})
	if e.guards.once.Do(e.guards.make); e.guards.err != nil {
		t.Fatal(e.guards.err)
	}
	m := newFactMaker(uint64(time.Now().UnixNano()), e.guards.program)
	var some []*facts.Facts
	for range 8 {
		some = append(some, m.make())
	}
	n, ran := 100, 0
	if long() {
		n = 3_000
	}
	for range n {
		p, err := mutated(e.guards.program, func(p *guard.Program) {
			for range 1 + m.random.IntN(3) {
				x := &p.Nodes[m.random.IntN(len(p.Nodes))]
				y := p.Nodes[m.random.IntN(len(p.Nodes))]
				switch m.random.IntN(7) {
				case 0:
					x.Op = guard.Op(m.random.IntN(int(guard.Call) + 2))
				case 1:
					x.A = y.A
				case 2:
					x.B = y.B
				case 3:
					x.C = y.C
				case 4:
					x.D = y.D
				case 5:
					p.Args[m.random.IntN(len(p.Args))] = int32(m.random.IntN(len(p.Nodes)))
				case 6:
					x.A = int32(m.random.IntN(40) - 2)
				}
			}
		})
		if err != nil {
			continue
		}
		ran++
		for _, f := range some {
			p.Run(f, e.message.guards, nil)
			planOf(p, &e.message).Run(f, nil)
			for _, r := range e.message.guards {
				p.Find(f, r, nil)
			}
		}
	}
	t.Logf("%d of %d damaged programs were accepted", ran, n)
	if ran == 0 || ran == n {
		t.Error("damage is never noticed, or always")
	}
}

// FuzzGuards walks from facts, which a seed says, to others, and compares guards with OPA at each step.
func FuzzGuards(f *testing.F) {
	alone(f)
	var walks []*walk
	for _, name := range []string{"account", "no account", "no provider", "history"} {
		o := guardOptions[name].o
		o.Guards = GuardsOn
		e := newEngine(f, o)
		messages, settings := fixtureFacts(f, e.Windows())
		for _, set := range []*ruleSet{&e.message, &e.opaque, &e.settings} {
			donors := messages
			if set == &e.settings {
				donors = settings
			}
			w := newWalk(f, e, set, donors)
			w.make = newFactMaker(1, w.p)
			walks = append(walks, w)
		}
	}
	for i := range walks {
		f.Add(uint64(i), uint8(i), uint16(i))
	}
	f.Fuzz(func(t *testing.T, seed uint64, which uint8, from uint16) {
		w := walks[int(which)%len(walks)]
		w.from(t, seed, w.donors[int(from)%len(w.donors)])
		for range 20 {
			w.step(t)
		}
	})
}

// FuzzJudge judges any octets with guards and without: the two must not differ.
func FuzzJudge(f *testing.F) {
	alone(f)
	var engines []*Engine
	names := []string{"account", "no account", "no provider", "template", "opaque"}
	for _, name := range names {
		o := guardOptions[name].o
		o.Guards = GuardsVerify
		engines = append(engines, newEngine(f, o))
	}
	seeds, err := filepath.Glob(filepath.Join("..", "testdata", "messages", "*.eml"))
	if err != nil || len(seeds) == 0 {
		f.Fatalf("%d messages, %v", len(seeds), err)
	}
	for i, name := range seeds {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(raw) < 64<<10 {
			f.Add(raw, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, which uint8) {
		i := int(which) % len(engines)
		c := guardOptions[names[i]]
		engines[i].Judge(t.Context(), corpusFacts(t, raw, c.e, c.f))
		if err := engines[i].Difference(); err != nil {
			t.Fatal(err)
		}
	})
}

// Guards are made when enough messages have been judged, and then no verdict is another.
func TestGuardsLater(t *testing.T) {
	o := Options{Account: fixtureAccount()}
	e, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Guards = GuardsOff
	plain := newEngine(t, o)
	clean := corpusFacts(t, []byte(cleanMail), nil, facts.Options{Now: fixtureNow})
	large := corpusFacts(t, []byte(cleanMail), nil, facts.Options{Now: fixtureNow})
	large.Size.DataBytes = 50_000_000
	wantClean, wantLarge := plain.Judge(t.Context(), clean), plain.Judge(t.Context(), large)
	if len(wantClean.Findings) > 0 || len(wantLarge.Findings) == 0 {
		t.Fatalf("%v, %v", wantClean.Findings, wantLarge.Findings)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range guardsAfter / 4 {
				if got := e.Judge(t.Context(), clean); !reflect.DeepEqual(got, wantClean) {
					t.Errorf("%+v", got)
				}
				if got := e.Judge(t.Context(), large); !reflect.DeepEqual(got, wantLarge) {
					t.Errorf("%+v", got)
				}
			}
		})
	}
	wg.Wait()
	if !e.guards.made.Load() {
		t.Error("there are no guards")
	}
	if n := testing.AllocsPerRun(50, func() { e.Judge(t.Context(), clean) }); n > 0 && !raceDetector {
		t.Errorf("%v allocations for a clean message", n)
	}
	stopped, stop := context.WithCancel(t.Context())
	if stop(); e.Judge(stopped, clean).Outcome != Unjudged {
		t.Error("a message is judged after the run was stopped")
	}
}

// A guard that hides a finding is noticed where both are evaluated.
func TestVerifyGuards(t *testing.T) {
	e := newEngine(t, Options{Account: fixtureAccount(), Guards: GuardsVerify})
	f := corpusFacts(t, []byte(cleanMail), nil, facts.Options{Now: fixtureNow})
	f.Size.DataBytes = 50_000_000
	if v := e.Judge(t.Context(), f); v.Outcome != Fail || e.Difference() != nil {
		t.Fatalf("%+v, %v", v, e.Difference())
	}
	broken, err := mutated(e.guards.program, func(p *guard.Program) {
		p.Rules = slices.Clone(p.Rules)
		for i := range p.Rules {
			if p.Rules[i].Name == "pair.size_limit" {
				p.Rules[i].Root = 1 // False
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	whole, plan := e.guards.program, broken.Plan(e.message.guards)
	for name, spoil := range map[string]func(){
		"planned":   func() { e.message.plan = func() *guard.Plan { return plan } },
		"unplanned": func() { e.guards.program = broken },
	} {
		e.guards.program, e.message.plan = whole, func() *guard.Plan { return whole.Plan(e.message.guards) }
		spoil()
		v := e.Judge(t.Context(), f)
		if v.Outcome != Unjudged || e.Difference() == nil || !strings.Contains(v.Reason, "the guard of rule pair.size_limit hides a finding") {
			t.Errorf("%s: %+v, %v", name, v, e.Difference())
		}
	}
}
