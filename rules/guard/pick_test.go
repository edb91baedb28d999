package guard

import (
	"math/rand/v2"
	"slices"
	"testing"

	"postern/rules/facts"
)

// What is chosen by a case and then compared lies behind gates, and a plan lets through what the program does, the errors of cases that
// both apply too.
func TestPicks(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	let, kept := 0, 0
	for range 2000 {
		a := newAuthor(rnd)
		a.Fields = []Field{{Root, "opaque"}, {Root, "recipients.envelope_known"}, {Root, "recipients.unique"}, {Root, "recipients.envelope_unique"}, {Root, "recipients.to"}}
		register := a.Registers
		a.Registers++
		// In one of eight programs each of what makes it a pick is missing.
		odd := func() bool { return rnd.IntN(8) == 0 }
		proper := true
		take := func(field, truth int32) int32 {
			if odd() {
				field = 4
			}
			at := a.node(Node{Op: Take, A: register, B: a.node(Node{Op: Get, B: field})})
			by := int32(0)
			if odd() {
				by, proper = 1, false
			}
			if odd() {
				truth, proper = 1-truth, false
			}
			return a.node(Node{Op: FieldTrue, B: by, C: at, D: truth})
		}
		cases := []int32{take(2, 1), take(3, 0)}
		if odd() {
			cases, proper = append(cases, take(4, 1)), false
		}
		a.Args = append(a.Args, cases...)
		any := a.node(Node{Op: Any, A: int32(len(a.Args) - len(cases)), B: int32(len(cases))})
		next := a.node(Node{
			Op: Compare, A: a.node(Node{Op: Load, A: register}), D: int32(rnd.IntN(6)),
			B: a.node(Node{Op: Value, A: a.constant(Const{Kind: ConstInt, Int: int64(rnd.IntN(4))})}),
		})
		root := int32(0)
		if rnd.IntN(2) == 0 {
			a.Memos = append(a.Memos, a.node(Node{Op: One, A: register, B: any}))
			root = a.node(Node{Op: Memo, C: next})
		} else {
			root = a.node(Node{Op: One, A: register, B: any, C: next})
		}
		a.Rules = append(a.Rules, Rule{Name: "a", Root: root})
		if err := a.Prepare(); err != nil {
			t.Fatal(err)
		}
		plan := a.Plan([]int32{0})
		if proper && slices.ContainsFunc(plan.groups[0].always, func(w uint64) bool { return w != 0 }) {
			t.Fatalf("nothing is before %+v", a.Nodes)
		}
		for range 30 {
			f := facts.New(facts.KindMessage)
			f.Opaque, f.Recipients.EnvelopeKnown = rnd.IntN(2) == 0, rnd.IntN(2) == 0
			f.Recipients.Unique, f.Recipients.EnvelopeUnique, f.Recipients.To = rnd.IntN(4), rnd.IntN(4), rnd.IntN(4)
			want := a.Run(f, []int32{0}, nil)
			if got := plan.Run(f, nil); !slices.Equal(got, want) {
				t.Fatalf("the plan lets through %v, the program %v, of %v, %+v by %+v", got, want, f.Opaque, f.Recipients, a.Nodes)
			}
			let, kept = let+len(want), kept+1-len(want)
		}
	}
	t.Logf("%d let through, %d not", let, kept)
	if let < 1000 || kept < 1000 {
		t.Error("too few to say anything")
	}
}
