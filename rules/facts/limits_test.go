package facts

import (
	"fmt"
	"strings"
	"testing"
)

// limit gives how often a problem was met, 0 if never.
func limit(f *Facts, id string) int64 {
	for _, p := range f.Problems {
		if p.ID == id {
			return p.Count
		}
	}
	return 0
}

// What is over a limit is counted and told, and up to it everything is exact.
func TestLimits(t *testing.T) {
	var all strings.Builder
	for i := range maxAddresses {
		fmt.Fprintf(&all, "a%d@b.example,\n ", i)
	}
	twice := "To: " + all.String() + "z@b.example (x)\nCc: " + all.String() + "z@b.example (x)\n\nx\n"
	for _, test := range []struct {
		name, in, id          string
		count                 int64
		total, unique, double int
	}{
		{"as many different addresses as are told apart, twice", strings.ReplaceAll(twice, ",\n z@b.example (x)", " (x)"), "limit.addresses", 0, 2 * maxAddresses, maxAddresses, maxAddresses},
		{"one more", twice, "limit.addresses", maxAddresses + 2, 2*maxAddresses + 2, maxAddresses, 0},
		{"one address as often as any are looked at", "To: " + strings.Repeat("a@b.example (x), ", maxLooked) + "\n\nx\n", "limit.addresses", 0, maxLooked, 1, maxLooked - 1},
		{"once more", "To: " + strings.Repeat("a@b.example (x), ", maxLooked+1) + "\n\nx\n", "limit.addresses", 1, maxLooked + 1, 1, maxLooked - 1},
		{"local parts that part late", "To: " + strings.Repeat("a", 5000) + "b@c.example (x), " + strings.Repeat("a", 5000) + "c@c.example, " + strings.Repeat("A", 5000) + "c@c.example\n\nx\n", "rfc.address_length", 3, 3, 3, 0},
		{"as many dates as are read", strings.Repeat("Date: x\n", maxDates) + "\nx\n", "limit.fields", 0, 0, 0, 0},
		{"one date more", strings.Repeat("Date: x\n", maxDates+1) + "\nx\n", "limit.fields", 1, 0, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := makeFacts(t, test.in, nil, Options{})
			r := f.Recipients
			if n := limit(f, test.id); n != test.count || r.Total != test.total || r.Unique != test.unique || r.Duplicates != test.double {
				t.Errorf("%s %d times, want %d; %d addresses, want %d; %d different, want %d; %d again, want %d",
					test.id, n, test.count, r.Total, test.total, r.Unique, test.unique, r.Duplicates, test.double)
			}
		})
	}
}
