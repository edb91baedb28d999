package main

import (
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/gate"
)

// auditFilter says which messages are judged.
type auditFilter struct {
	since, until     int64 // Unix time; until is the first that is too late
	dated            bool  // one of them is set
	senders, folders []string
	sample           float64 // 1 takes all
}

func auditFilterFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "since", Usage: "judge messages whose Date field is not before `TIME`, as 2026-01-01 (UTC) or 2026-01-01T12:00:00Z"},
		&cli.StringFlag{Name: "until", Usage: "judge messages whose Date field is not after `TIME`; a day counts as a whole"},
		&cli.StringSliceFlag{Name: "sender", Usage: "judge messages of `SENDER` only: an address, a domain with all below it, or a pattern such as *@example.com (repeat the flag for more)"},
		&cli.StringSliceFlag{Name: "folder", Usage: "judge messages of `FOLDER` only, its name or a pattern (repeat the flag for more)"},
		&cli.StringFlag{Name: "sample", Usage: "judge a `SHARE` of the messages, as 10% or 1/10, always the same ones"},
		&cli.BoolFlag{Name: "dedup", Usage: "count messages with the same octets once"},
	}
}

func readAuditFilter(c *cli.Context) (f auditFilter, err error) {
	f = auditFilter{since: math.MinInt64, until: math.MaxInt64, sample: 1, senders: c.StringSlice("sender"), folders: c.StringSlice("folder")}
	if c.IsSet("since") {
		if f.since, _, err = readSpan("since", c.String("since")); err != nil {
			return f, err
		}
		f.dated = true
	}
	if c.IsSet("until") {
		if _, f.until, err = readSpan("until", c.String("until")); err != nil {
			return f, err
		}
		f.dated = true
	}
	if f.since >= f.until {
		return f, gate.Usagef("no message is both", "--until is before --since")
	}
	for flag, list := range map[string][]string{"sender": f.senders, "folder": f.folders} {
		for i, p := range list {
			if _, err := path.Match(p, ""); p == "" || err != nil {
				return f, gate.Usagef("*, ? and [a-z] stand for characters", "--%s cannot be %q", flag, p)
			}
			list[i] = strings.ToLower(p)
		}
	}
	if c.IsSet("sample") {
		if f.sample, err = readShare(c.String("sample")); err != nil {
			return f, err
		}
	}
	return f, nil
}

// readSpan gives the first second of a time, and the first after it.
func readSpan(flag, s string) (first, after int64, err error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Unix(), t.AddDate(0, 0, 1).Unix(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, 0, gate.Usagef("write it as 2026-01-31, or as 2026-01-31T12:00:00Z", "--%s cannot be %q", flag, s)
	}
	return t.Unix(), t.Unix() + 1, nil
}

// readShare reads 10%, 1/10 or 0.1.
func readShare(s string) (float64, error) {
	var x float64
	var err error
	if p, ok := strings.CutSuffix(s, "%"); ok {
		x, err = strconv.ParseFloat(p, 64)
		x /= 100
	} else if a, b, ok := strings.Cut(s, "/"); ok {
		var n, d float64
		if n, err = strconv.ParseFloat(a, 64); err == nil {
			d, err = strconv.ParseFloat(b, 64)
		}
		x = n / d
	} else {
		x, err = strconv.ParseFloat(s, 64)
	}
	if err != nil || !(x > 0 && x <= 1) {
		return 0, gate.Usagef("write it as 10% or as 1/10", "--sample cannot be %q", s)
	}
	return x, nil
}

// drawn tells whether a message with that number is in the sample.
func (f *auditFilter) drawn(n uint64) bool {
	return f.sample >= 1 || float64(n>>11)/(1<<53) < f.sample
}

// folder tells whether messages of a folder are wanted: by its whole name, or by the last part of it.
func (f *auditFilter) folder(name string) bool {
	if len(f.folders) == 0 {
		return true
	}
	name = strings.ToLower(name)
	for _, p := range f.folders {
		if match(p, name) || match(p, path.Base(name)) || match(p, strings.TrimLeft(path.Base(name), ".")) {
			return true
		}
	}
	return false
}

// kind says whether a message is wanted by what it is.
func (f *auditFilter) kind(row *audit.Row) audit.Kind {
	if !f.sender(row) {
		return audit.Filtered
	}
	if f.dated {
		if row.Unix == audit.NoDate {
			return audit.Undated
		}
		if row.Unix < f.since || row.Unix >= f.until {
			return audit.Filtered
		}
	}
	return audit.Judged
}

func (f *auditFilter) sender(row *audit.Row) bool {
	if len(f.senders) == 0 {
		return true
	}
	for _, p := range f.senders {
		switch {
		case strings.Contains(p, "@") && !strings.HasPrefix(p, "@"):
			if match(p, row.Sender) {
				return true
			}
		default:
			p = strings.TrimPrefix(p, "@")
			if match(p, row.Domain) || strings.HasSuffix(row.Domain, "."+p) {
				return true
			}
		}
	}
	return false
}

func match(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return ok
}
