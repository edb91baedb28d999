package rules

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"postern/rules/facts"
	"postern/rules/guard"
)

// walk goes from facts to facts that differ in a field or a few, and compares at each what the guards say of every rule with what
// OPA says. OPA is asked again only about the rules that read what has changed, since the answer about the others cannot be another
// one; at every checkEvery-th step it is asked about all, which would show if that were wrong.
type walk struct {
	e       *Engine
	p       *guard.Program
	set     *ruleSet
	make    *factMaker
	random  *rand.Rand
	donors  []*facts.Facts // facts of real messages, of which fields are taken
	fields  []factField
	readBy  [][]int // for each field the rules that read it
	reads   [][]int // for each rule the fields that it reads
	read    []int   // by any rule
	near    []nearby
	census  []census // of each rule
	spoken  map[string]int
	facts   int
	asked   int // rules that OPA was asked about
	base, f *facts.Facts
	input   *ast.Term // f, as OPA sees it
	answers []ruleAnswer
	some    []int
	steps   string // that led to the facts, since the walk began
}

const (
	checkEvery = 500
	// walkLength is how many facts are reached from one that is new.
	walkLength = 200
)

// ruleAnswer is what OPA says of a rule: an error, or what it finds. stated is what a guard has made of that before.
type ruleAnswer struct {
	failed, refused, found bool
	findings               []Finding
	stated                 []guard.Found
	compared               bool
}

// census counts how OPA answered about a rule, and how often its guard gave up.
type census struct{ fired, clean, failed, gaveUp int }

// factField is a field of the facts, or of a record in them: what wanted tells apart.
type factField struct {
	name  string
	index []int
	size  int     // how many values it is made of, up to a dozen
	spent float64 // see next
}

// factFields lists the fields that change on a walk.
func factFields() (all []factField) {
	named := func(f reflect.StructField) string { return f.Tag.Get("json") }
	t := reflect.TypeFor[facts.Facts]()
	for i := range t.NumField() {
		switch f := t.Field(i); named(f) {
		case "-", "schema_version", "kind", "opaque":
		default:
			if f.Type.Kind() != reflect.Struct {
				all = append(all, factField{named(f), []int{i}, min(valuesIn(f.Type), 12), 0})
				break
			}
			for j := range f.Type.NumField() {
				inner := f.Type.Field(j)
				all = append(all, factField{named(f) + "." + named(inner), []int{i, j}, min(valuesIn(inner.Type), 12), 0})
			}
		}
	}
	return all
}

// valuesIn counts the values that a type is made of.
func valuesIn(t reflect.Type) (n int) {
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		return 1 + valuesIn(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			n += valuesIn(t.Field(i).Type)
		}
		return n
	}
	return 1
}

// reads tells whether what is read has a field in it.
func (w wanted) reads(field string) bool {
	group, _, inner := strings.Cut(field, ".")
	return w == nil || !inner && w[group] || w[field] || w[group+".*"]
}

func newWalk(t testing.TB, e *Engine, set *ruleSet, donors []*facts.Facts) *walk {
	t.Helper()
	if e.guards.once.Do(e.guards.make); e.guards.err != nil {
		t.Fatal(e.guards.err)
	}
	w := &walk{e: e, p: e.guards.program, set: set, donors: donors, fields: factFields(), spoken: map[string]int{}}
	w.readBy = make([][]int, len(w.fields))
	w.reads, w.census, w.answers = make([][]int, len(set.rules)), make([]census, len(set.rules)), make([]ruleAnswer, len(set.rules))
	w.near = make([]nearby, len(set.rules))
	for i, r := range set.rules {
		ref, err := ast.ParseRef(r.ref)
		if err != nil {
			t.Fatal(err)
		}
		read := wantedBy(e.compiler, e.compiler.GetRulesExact(ref))
		for k, f := range w.fields {
			if read.reads(f.name) {
				w.reads[i], w.readBy[k] = append(w.reads[i], k), append(w.readBy[k], i)
			}
		}
		if len(w.reads[i]) == 0 {
			t.Fatalf("rule %s reads nothing", r.ID)
		}
		w.near[i] = nearbyOf(w.p, set.guards[i])
	}
	for k := range w.fields {
		if len(w.readBy[k]) > 0 {
			w.read = append(w.read, k)
		}
	}
	return w
}

// from begins anew at some facts.
func (w *walk) from(t testing.TB, seed uint64, f *facts.Facts) {
	t.Helper()
	w.begin(seed, f)
	w.ask(t, w.set.all)
	w.compare(t)
}

func (w *walk) begin(seed uint64, f *facts.Facts) {
	w.random = rand.New(rand.NewPCG(seed, 7))
	w.make.random = w.random
	g := *f
	g.SchemaVersion, g.Later = facts.SchemaVersion, nil
	g.Opaque = w.set.opaque
	w.base, w.steps = &g, ""
	h := g
	w.f, w.input = &h, inputOf(&h)
}

// step goes to other facts.
func (w *walk) step(t testing.TB) {
	t.Helper()
	again := w.alter()
	if w.facts%checkEvery == 0 {
		w.check(t, again)
	} else {
		w.ask(t, again)
	}
	w.compare(t)
}

// alter changes a field or a few that a rule reads, and gives the rules that read them.
func (w *walk) alter() (again []int) {
	k := w.next(w.read)
	rule := w.readBy[k][w.random.IntN(len(w.readBy[k]))]
	w.make.nearby = &w.near[rule]
	for range []int{1, 1, 1, 1, 1, 3}[w.random.IntN(6)] {
		if w.change(rule, k) {
			again = append(again, w.readBy[k]...)
			w.input = patched(w.input, w.f, w.fields[k].name)
		}
		k = w.next(w.reads[rule])
	}
	slices.Sort(again)
	return slices.Compact(again)
}

// next gives one of some fields: that which had its turn least often for what it costs. Then it costs more when many rules read it, and
// less when there is much in it that can change.
func (w *walk) next(of []int) int {
	least := of[0]
	for _, k := range of {
		if w.fields[k].spent < w.fields[least].spent {
			least = k
		}
	}
	w.fields[least].spent += float64(len(w.readBy[least])) / float64(w.fields[least].size)
	return least
}

// change changes a field, and tells whether it is another then.
func (w *walk) change(rule, k int) bool {
	at := func(f *facts.Facts) reflect.Value { return reflect.ValueOf(f).Elem().FieldByIndex(w.fields[k].index) }
	v := at(w.f)
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	for range 4 {
		switch n := w.random.IntN(10); {
		case n < 3:
			v.Set(at(w.base))
		case n < 5:
			v.Set(at(w.donors[w.random.IntN(len(w.donors))]))
		default:
			w.make.change(v, []float64{0.1, 0.4, 1}[w.random.IntN(3)])
			if n == 9 {
				w.seek(v, rule)
			}
		}
		if !reflect.DeepEqual(old.Interface(), v.Interface()) {
			return true
		}
	}
	return false
}

// seek moves a number to where the rule's guard changes its mind.
func (w *walk) seek(v reflect.Value, rule int) {
	var all []reflect.Value
	if numbersIn(v, &all); len(all) == 0 {
		return
	}
	n := all[w.random.IntN(len(all))]
	may := func(at int64) bool {
		n.SetInt(at)
		may, _ := w.p.May(w.f, w.set.guards[rule])
		return may
	}
	here, there := n.Int(), w.make.number(0)
	was := may(here)
	if may(there) == was {
		n.SetInt(here)
		return
	}
	for {
		middle := here/2 + there/2
		if middle == here || middle == there {
			break
		}
		if may(middle) == was {
			here = middle
		} else {
			there = middle
		}
	}
	n.SetInt([]int64{here, there, there + 1, here - 1}[w.random.IntN(4)])
}

// numbersIn lists the numbers in a value that was made for this walk.
func numbersIn(v reflect.Value, all *[]reflect.Value) {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		*all = append(*all, v)
	case reflect.Struct:
		for i := range v.NumField() {
			numbersIn(v.Field(i), all)
		}
	case reflect.Slice:
		for i := range v.Len() {
			numbersIn(v.Index(i), all)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			numbersIn(v.Elem(), all)
		}
	}
}

// ask has OPA answer about some rules.
func (w *walk) ask(t testing.TB, some []int) {
	t.Helper()
	if len(some) == 0 {
		return
	}
	w.asked += len(some)
	if !w.opa(t, some) { // in some rule
		for _, i := range some {
			if !w.opa(t, []int{i}) {
				w.answers[i] = ruleAnswer{failed: true}
			}
		}
	}
	for _, i := range some {
		switch a := &w.answers[i]; {
		case a.failed:
			w.census[i].failed++
		case a.found:
			w.census[i].fired++
			for _, f := range a.findings {
				w.spoken[f.Rule]++
			}
		default:
			w.census[i].clean++
		}
	}
}

// patched gives an input in which one field is that of facts.
func patched(input *ast.Term, f *facts.Facts, field string) *ast.Term {
	group, _, _ := strings.Cut(field, ".")
	var fresh *ast.Term
	switch group {
	case "origin":
		fresh = text(f.Origin)
	case "size":
		fresh = sizeTerm(&f.Size)
	case "lines":
		fresh = linesTerm(&f.Lines)
	case "header":
		fresh = headerTerm(&f.Header)
	case "sender":
		fresh = senderTerm(&f.Sender)
	case "recipients":
		fresh = recipientsTerm(&f.Recipients)
	case "parts":
		fresh = array(f.Parts, partTerm)
	case "attachments":
		fresh = array(f.Attachments, attachmentTerm)
	case "embedded_attachments":
		fresh = array(f.Embedded, attachmentTerm)
	case "text":
		fresh = textTerm(&f.Text)
	case "links":
		fresh = linksTerm(&f.Links)
	case "html":
		fresh = htmlTerm(&f.HTML)
	case "leftovers":
		fresh = leftoversTerm(&f.Leftovers)
	case "list":
		fresh = listTerm(&f.List)
	case "automation":
		fresh = automationTerm(&f.Automation)
	case "authentication":
		fresh = authenticationTerm(&f.Authentication)
	case "web_script":
		fresh = truth(f.WebScript)
	case "problems":
		fresh = array(f.Problems, problemTerm)
	case "settings":
		fresh = array(f.Settings, settingTerm)
	default:
		return inputOf(f)
	}
	old := input.Value.(ast.Object)
	pairs := make([][2]*ast.Term, 0, old.Len())
	old.Foreach(func(k, v *ast.Term) {
		if string(k.Value.(ast.String)) == group {
			v = fresh
		}
		pairs = append(pairs, [2]*ast.Term{k, v})
	})
	return ast.ObjectTerm(pairs...)
}

func (w *walk) opa(t testing.TB, some []int) bool {
	t.Helper()
	results := 0
	err := topdown.NewQuery(w.set.query(some)).WithCompiler(w.e.compiler).WithStore(w.e.store).WithTransaction(w.e.txn).
		WithInput(w.input).WithStrictBuiltinErrors(true).WithSeed(noSeed{}).
		Iter(t.Context(), func(r topdown.QueryResult) error {
			results++
			for _, i := range some {
				term := r[foundVar(i)]
				a := ruleAnswer{found: term.Value.(ast.Set).Len() > 0}
				if a.findings = []Finding{}; a.found {
					var err error
					a.findings, err = w.e.decode(w.set, []int{i}, []*ast.Term{term})
					a.refused = err != nil
				}
				w.answers[i] = a
			}
			return nil
		})
	if err == nil && results != 1 {
		t.Fatalf("%d results\n%s", results, w.where())
	}
	return err == nil
}

// check has OPA answer about all rules: none may answer otherwise than before but those of which that is expected.
func (w *walk) check(t testing.TB, expected []int) {
	t.Helper()
	before, patchedInput := slices.Clone(w.answers), w.input.Value
	if w.input = inputOf(w.f); w.input.Value.Compare(patchedInput) != 0 {
		t.Fatalf("the input is not what the facts are: %s\n%s", patchedInput, w.where())
	}
	w.ask(t, w.set.all)
	for i, a := range w.answers {
		b := before[i]
		if !slices.Contains(expected, i) && (a.failed != b.failed || a.refused != b.refused || a.found != b.found || !reflect.DeepEqual(a.findings, b.findings)) {
			t.Fatalf("%s: it was not expected to read what has changed\n%s", w.set.rules[i].ID, w.where())
		}
	}
}

// compare holds what the guards say of the facts against OPA.
func (w *walk) compare(t testing.TB) {
	t.Helper()
	w.facts++
	w.some = w.p.Run(w.f, w.set.guards, w.some[:0])
	next := 0
	for i := range w.answers {
		may := next < len(w.some) && w.some[next] == i
		if may {
			next++
		}
		if a := &w.answers[i]; may || a.found || a.failed {
			if what := w.contradicted(w.p, w.f, i, a, may); what != "" {
				t.Fatalf("%s: %s\n%s", w.set.rules[i].ID, what, w.where())
			}
		}
	}
}

// contradicted tells where the guard of a rule in a program cannot be right about facts: it says that the rule may find something in
// them, or that it does not, and OPA gives an answer.
func (w *walk) contradicted(p *guard.Program, f *facts.Facts, i int, a *ruleAnswer, may bool) string {
	rule := w.set.guards[i]
	switch {
	case !may && a.failed:
		return "an error is hidden"
	case !may && a.found:
		return "a finding is hidden"
	case !may:
		return ""
	}
	made, ok := p.Find(f, rule, nil)
	if !a.found && !a.failed {
		_, certain := p.May(f, rule)
		if !certain {
			w.census[i].gaveUp++
		}
		if w.e.guards.reports[rule].Exact && certain && (!ok || len(made) > 0) {
			return "asked in vain"
		}
	}
	if !ok || a.compared && slices.Equal(made, a.stated) {
		return ""
	}
	mine, ok := w.e.adopt(w.set, w.set.rules[i], made, []Finding{})
	sortFindings(mine)
	switch {
	case !ok:
	case a.failed:
		return "an error becomes a finding"
	case a.refused:
		return "a finding that is refused is made"
	case ambiguous(mine):
	case !reflect.DeepEqual(mine, a.findings):
		return fmt.Sprintf("other findings are made: %+v, not %+v", mine, a.findings)
	default:
		a.stated, a.compared = made, true
	}
	return ""
}

func (w *walk) where() string {
	return fmt.Sprintf("facts %d: %s", w.facts, inputOf(w.f))
}
