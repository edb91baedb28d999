package main

import (
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/auditor"
	"postern/cmd/internal/gate"
)

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

func readAuditFilter(c *cli.Context) (f auditor.Filter, err error) {
	f = auditor.Filter{Since: math.MinInt64, Until: math.MaxInt64, Sample: 1, Senders: c.StringSlice("sender"), Folders: c.StringSlice("folder")}
	if c.IsSet("since") {
		if f.Since, _, err = readSpan("since", c.String("since")); err != nil {
			return f, err
		}
		f.Dated = true
	}
	if c.IsSet("until") {
		if _, f.Until, err = readSpan("until", c.String("until")); err != nil {
			return f, err
		}
		f.Dated = true
	}
	if f.Since >= f.Until {
		return f, gate.Usagef("no message is both", "--until is before --since")
	}
	for flag, list := range map[string][]string{"sender": f.Senders, "folder": f.Folders} {
		for i, p := range list {
			if _, err := path.Match(p, ""); p == "" || err != nil {
				return f, gate.Usagef("*, ? and [a-z] stand for characters", "--%s cannot be %q", flag, p)
			}
			list[i] = strings.ToLower(p)
		}
	}
	if c.IsSet("sample") {
		if f.Sample, err = readShare(c.String("sample")); err != nil {
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
