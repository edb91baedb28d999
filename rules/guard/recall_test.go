package guard

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"postern/rules/facts"
)

// author writes programs at random of conditions on the sender's addresses.
type author struct {
	*Program
	rnd *rand.Rand
}

func (a *author) node(n Node) int32 {
	a.Nodes = append(a.Nodes, n)
	return int32(len(a.Nodes) - 1)
}

func (a *author) call(function int32, args ...int32) int32 {
	at := int32(len(a.Args))
	a.Args = append(a.Args, args...)
	return a.node(Node{Op: Call, A: function, B: at, C: int32(len(args))})
}

func (a *author) constant(c Const) int32 {
	a.Consts = append(a.Consts, c)
	return int32(len(a.Consts) - 1)
}

func (a *author) text() int32 {
	texts := []string{"", "a", "b", "ab", ".a", "bb", strings.Repeat("a", 60)}
	return a.constant(Const{Kind: ConstText, Text: texts[a.rnd.IntN(len(texts))]})
}

// literal is one before next, about the element in register 1.
func (a *author) literal(next int32, depth int) int32 {
	field := int32(a.rnd.IntN(2))
	get := func() int32 { return a.node(Node{Op: Get, A: 1, B: field}) }
	constant := func() int32 { return a.node(Node{Op: Value, A: a.text()}) }
	kinds := 9
	if depth == 0 {
		kinds = 6
	}
	switch a.rnd.IntN(kinds) {
	case 0:
		at := int32(len(a.Args))
		a.Args = append(a.Args, a.text(), []int32{Equal, NotEqual}[a.rnd.IntN(2)])
		return a.node(Node{Op: FieldText, A: 1, B: field, C: next, D: at})
	case 1:
		return a.node(Node{Op: Holds, A: a.call([]int32{StartsWith, EndsWith, Contains}[a.rnd.IntN(3)], a.call(Lower, get()), constant()), C: next})
	case 2: // of other things
		return a.node(Node{Op: FieldTrue, A: 0, B: 3, C: next, D: int32(a.rnd.IntN(2))})
	case 3: // an error where the text has one character
		less := a.call(Minus, a.call(Count, get()), a.node(Node{Op: Value, A: a.constant(Const{Kind: ConstInt, Int: 1})}))
		return a.node(Node{Op: Compare, A: a.call(Remainder, a.node(Node{Op: Value, A: a.constant(Const{Kind: ConstInt, Int: 4})}), less),
			B: a.node(Node{Op: Value, A: a.constant(Const{Kind: ConstInt})}), C: next, D: int32(a.rnd.IntN(2))})
	case 4:
		a.Registers++
		r := a.Registers - 1
		test := a.node(Node{Op: Compare, A: a.node(Node{Op: Load, A: r}), B: get(), C: next, D: int32(a.rnd.IntN(6))})
		field = int32(a.rnd.IntN(2))
		return a.node(Node{Op: Let, A: r, B: a.call(Lower, get()), C: test})
	case 5: // for some piece of the text
		a.Registers++
		r := a.Registers - 1
		test := a.node(Node{Op: Compare, A: a.node(Node{Op: Load, A: r}), B: constant(), C: next})
		return a.node(Node{Op: Each, A: r, B: a.call(Split, get(), a.node(Node{Op: Value, A: a.constant(Const{Kind: ConstText, Text: "b"})})), C: test, D: -1})
	case 6:
		return a.node(Node{Op: Not, A: a.condition(depth - 1), C: next})
	case 7:
		return a.node(Node{Op: If, A: a.condition(depth - 1), C: next})
	}
	all := []int32{a.literal(next, depth-1), a.literal(next, depth-1)}
	a.Args = append(a.Args, all...)
	return a.node(Node{Op: Any, A: int32(len(a.Args) - 2), B: 2})
}

func (a *author) condition(depth int) int32 {
	at := int32(0)
	for range 1 + a.rnd.IntN(3) {
		at = a.literal(at, depth)
	}
	return at
}

func newAuthor(rnd *rand.Rand) *author {
	a := &author{&Program{Version: Version, Registers: 2, Fields: []Field{
		{"Address", "domain"}, {"Address", "local"}, {Root, "sender.from"}, {Root, "opaque"},
	}}, rnd}
	a.node(Node{Op: True})
	a.node(Node{Op: False})
	return a
}

// rule adds a rule with a condition on some address of the sender.
func (a *author) rule(condition int32) {
	list := a.node(Node{Op: Get, B: 2})
	root := a.node(Node{Op: Each, A: 1, B: list, C: condition, D: -1})
	a.Rules = append(a.Rules, Rule{Name: fmt.Sprint(len(a.Rules)), Root: root})
}

// A plan lets through what the program does, whatever it remembers of the texts before.
func TestPlansThatRemember(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		s := []byte(strings.Repeat("B", []int{0, 1, 2, 5, 8, 9, 16, 17, 54, 55, 56, 60}[rnd.IntN(12)]))
		for i := range s {
			s[i] = "aAbB."[rnd.IntN(5)]
		}
		return string(s)
	}
	questions, let, kept := 0, 0, 0
	for range 300 {
		a := newAuthor(rnd)
		var rules []int32
		for i := range 3 {
			a.rule(a.condition(2))
			rules = append(rules, int32(i))
		}
		if err := a.Prepare(); err != nil {
			t.Fatal(err)
		}
		plan := a.Plan(rules)
		for _, g := range plan.groups {
			for _, c := range g.recalls {
				questions += len(c.asks)
			}
		}
		for range 200 {
			f := facts.New(facts.KindMessage)
			f.Opaque = rnd.IntN(2) == 0
			for range rnd.IntN(4) {
				f.Sender.From = append(f.Sender.From, facts.Address{Domain: word(), Local: word()})
			}
			want := a.Run(f, rules, nil)
			if got := plan.Run(f, nil); !slices.Equal(got, want) {
				t.Fatalf("the plan lets through %v, the program %v, of %+v", got, want, f.Sender.From)
			}
			let, kept = let+len(want), kept+3-len(want)
		}
	}
	t.Logf("%d questions; %d let through, %d not", questions, let, kept)
	if questions < 100 || let < 1000 || kept < 1000 {
		t.Error("too few to say anything")
	}
}

// Answers are of the text itself, not of another one in its place, and what is forgotten is asked again.
func TestManyTexts(t *testing.T) {
	a := newAuthor(rand.New(rand.NewPCG(1, 2)))
	ending := a.node(Node{Op: Value, A: a.constant(Const{Kind: ConstText, Text: "7"})})
	a.rule(a.node(Node{Op: Holds, A: a.call(EndsWith, a.call(Lower, a.node(Node{Op: Get, A: 1})), ending)}))
	if err := a.Prepare(); err != nil {
		t.Fatal(err)
	}
	plan := a.Plan([]int32{0})
	if len(plan.groups) != 2 || len(plan.groups[1].recalls) != 1 {
		t.Fatal("nothing is remembered")
	}
	f := facts.New(facts.KindMessage)
	f.Sender.From = make([]facts.Address, 1)
	for round := range 2 {
		for i := range 20 * len(memory{}) {
			f.Sender.From[0].Domain = fmt.Sprintf("host%05d", i)
			if got, want := len(plan.Run(f, nil)), i%10 == 7; (got == 1) != want {
				t.Fatalf("round %d: the plan lets through %d for %s", round, got, f.Sender.From[0].Domain)
			}
		}
	}
}
