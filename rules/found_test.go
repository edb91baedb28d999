package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Many findings are brought into the order in which few are, and those that the order does not tell apart stay in theirs.
func TestSortFindings(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		var found []Finding
		for i := range n {
			found = append(found, Finding{
				Rule: fmt.Sprintf("a.rule%d", r.IntN(3)), Severity: []Severity{SeverityError, SeverityWarning, SeverityInfo}[r.IntN(3)],
				Line: r.Int64N(4), Message: fmt.Sprint(r.IntN(3)), Title: fmt.Sprint(i),
			})
		}
		want := slices.Clone(found)
		slices.SortStableFunc(want, func(a, b Finding) int { return compareFindings(&a, &b) })
		if sortFindings(found); !slices.Equal(found, want) {
			t.Fatalf("%d findings are in the order\n%v\nwant\n%v", n, found, want)
		}
	}
}
