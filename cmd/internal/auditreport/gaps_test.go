package auditreport

import (
	"strings"
	"testing"
)

func TestGaps(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"2026-01", "2026-01"},
		{"2025-11 2025-12 2026-01", "2025-11 2025-12 2026-01"},
		{"2025-11 2026-02", "2025-11 (2025-12) (2026-01) 2026-02"},
		{"2019-09 2025-06", "2019-09 (2019-10 to 2025-05) 2025-06"},
		{"2024-02-27 2024-03-01", "2024-02-27 (2024-02-28) (2024-02-29) 2024-03-01"},
		{"2024-02-27 2098-01-01", "2024-02-27 (2024-02-28 to 2097-12-31) 2098-01-01"},
		{"2026-01 none", "2026-01 none"},
	} {
		var in []bar
		for label := range strings.FieldsSeq(c.in) {
			in = append(in, bar{label: label, values: []int64{1}})
		}
		var got []string
		for _, b := range withGaps(in) {
			if b.sum() == 0 {
				b.label = "(" + b.label + ")"
			}
			got = append(got, b.label)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
	// The first of 60 columns stands for something, and those that do are counted.
	var in []bar
	for _, label := range []string{"2015-12", "2016-01", "2017-01", "2018-01", "2019-01", "2020-01", "2021-01"} {
		in = append(in, bar{label: label, values: []int64{1}})
	}
	if list, n := newestColumns(in); n != 5 || len(list) != 4*12+1 || list[0].label != "2017-01" {
		t.Errorf("%d of %d columns from %s", n, len(list), list[0].label)
	}
}
