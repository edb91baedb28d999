package rules

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/rules/facts"
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

// Of more findings of a rule than are listed those that come first are chosen without OPA, as it would choose them.
func TestManyFindingsAreMade(t *testing.T) {
	alone(t)
	var b strings.Builder
	b.WriteString(strings.Replace(cleanMail, "text/plain", "text/html", 1))
	for i := range 3 * maxFindings {
		fmt.Fprintf(&b, "<a href=\"http://www%d.example.net/\">to %d</a>\r\n", i%7, i)
	}
	const files = 900 // some of one name
	parts := strings.Replace(cleanMail, "text/plain", "multipart/mixed; boundary=b", 1)
	locked := base64.StdEncoding.EncodeToString([]byte("PK\x03\x04\x14\x00\x01" + strings.Repeat("\x00", 19) + "\x05\x00\x00\x00a.txt"))
	for i := range files {
		parts += fmt.Sprintf("--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"+
			"Content-Disposition: attachment; filename=a%d.zip\r\n\r\n%s\r\n", i%7, locked)
	}
	o := Options{Account: fixtureAccount(), Guards: GuardsOn}
	e := newEngine(t, o)
	o.Guards = GuardsOff
	opa := newEngine(t, o)
	for n, mail := range map[int]string{3 * maxFindings: b.String(), files: parts + "--b--\r\n"} {
		f := corpusFacts(t, []byte(mail), nil, facts.Options{Now: fixtureNow})
		want := opa.Judge(t.Context(), f)
		if got := e.Judge(t.Context(), f); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v\nwant\n%+v", got, want)
		}
		many := fmt.Sprintf("%d findings of this rule, of which %d are listed", n, maxFindings)
		if !slices.ContainsFunc(want.Findings, func(f Finding) bool { return f.Message == many }) {
			t.Errorf("no rule has %s: %+v", many, want.Findings)
		}
		some, _ := e.guards.some(&e.message, f)
		if _, rest := e.find(&e.message, some, f, nil); len(some) == 0 || len(rest) > 0 {
			t.Errorf("of %d rules %d are left to OPA", len(some), len(rest))
		}
	}
}
