package rules

import (
	"fmt"
	"slices"
)

// nearest gives a hint with the name that is closest to a mistyped one, "" if none is close.
func nearest(name string, names []string) string {
	best, at := len(name)/2+1, ""
	slices.Sort(names)
	for _, n := range names {
		if len(n) > 200 || len(name) > 200 {
			continue
		}
		if d := distance(name, n); d < best {
			best, at = d, n
		}
	}
	if at == "" {
		return ""
	}
	return fmt.Sprintf(" (do you mean %s?)", at)
}

// distance counts the insertions, deletions and replacements of octets that make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
