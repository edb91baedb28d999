package template

import (
	"strings"
	"testing"
)

// TestLiquidFilters: what Liquid has and the library lacks.
func TestLiquidFilters(t *testing.T) {
	for text, want := range map[string]string{
		`{{ n | at_least: 5 }} {{ n | at_least: 2 }} {{ n | at_most: 2 }} {{ f | at_most: 9 }}`:                   "5 3 2 2.5",
		`{{ list | sum }} {{ items | sum: "p" }} {{ empty | sum }}`:                                               "6 4.5 0",
		`{{ "a-b-c" | replace_last: "-", "+" }} {{ "a-b-c" | remove_last: "-" }} {{ "a" | remove_last: "x" }}`:    "a-b+c a-bc a",
		`{{ "Ada" | base64_encode }} {{ "QWRh" | base64_decode }}`:                                                "QWRh Ada",
		`{{ unix | date: "%Y-%m-%d %H:%M" }} {{ "1795726404" | date: "%Y" }} {{ "2026-11-26" | date: "%d.%m." }}`: "2026-11-26 20:53 2026 26.11.",
	} {
		dir := repository(t, map[string]string{"t.txt": text, "data.json": `{"n": 3, "f": 2.5, "list": [1, 2, 3], "empty": [], "items": [{"p": 2}, {"p": 2.5}], "unix": 1795726404}`})
		r, err := one(t, dir, Spec{Files: []string{"t.txt"}, Engine: engineLiquid, Data: []string{"data.json"}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, got, _ := strings.Cut(string(r.Message), "\r\n\r\n"); strings.TrimSuffix(got, "\r\n") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
