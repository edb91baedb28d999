package auditreport

import "time"

// maxGap is how many empty columns stand for days or months without anything. A longer gap, which a wrong date makes too, is
// one column.
const maxGap = 12

// withGaps puts columns for the days or months without anything between those of a list in order of time, so that what is
// far apart in time does not stand side by side.
func withGaps(list []bar) []bar {
	var out []bar
	for i := range list {
		if i > 0 {
			out = appendGap(out, list[i-1].label, list[i].label)
		}
		out = append(out, list[i])
	}
	return out
}

func appendGap(out []bar, from, to string) []bar {
	layout, months, days := "2006-01", 1, 0
	if len(from) == len("2006-01-02") {
		layout, months, days = "2006-01-02", 0, 1
	}
	a, err := time.Parse(layout, from)
	b, err2 := time.Parse(layout, to)
	if err != nil || err2 != nil {
		return out
	}
	var empty []bar
	for t := a.AddDate(0, months, days); t.Before(b); t = t.AddDate(0, months, days) {
		if len(empty) == maxGap {
			return append(out, bar{label: a.AddDate(0, months, days).Format(layout) + " to " + b.AddDate(0, -months, -days).Format(layout), gap: true})
		}
		empty = append(empty, bar{label: t.Format(layout)})
	}
	return append(out, empty...)
}

// newestColumns gives the last columns of a list in order of time, and how many of them stand for something.
func newestColumns(list []bar) ([]bar, int) {
	list = withGaps(list)
	list = list[max(len(list)-maxMonths, 0):]
	n := 0
	for len(list) > 0 && list[0].sum() == 0 {
		list = list[1:]
	}
	for i := range list {
		if list[i].sum() > 0 {
			n++
		}
	}
	return list, n
}
