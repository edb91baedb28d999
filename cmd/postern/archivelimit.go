package main

import (
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
)

func archiveLimitFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "archive-limit", Usage: "let archives cost `NAME=NUMBER` at most: ratio, bytes, depth, entries, window; bytes and window take K, M and G, " +
		"none is no limit (repeat the flag for more)"}
}

// readArchiveLimits reads --archive-limit. The names are those of the findings: archive.ratio and so on.
func readArchiveLimits(list []string) (l mailbox.Limits, err error) {
	count := func(p *int) func(int64) { return func(n int64) { *p = int(n) } }
	octets := func(p *int64) func(int64) { return func(n int64) { *p = n } }
	limits := map[string]struct {
		set    func(int64)
		suffix bool
	}{
		"ratio": {octets(&l.Ratio), false}, "depth": {count(&l.Depth), false}, "entries": {count(&l.Entries), false},
		"bytes": {octets(&l.MemberBytes), true}, "window": {octets(&l.WindowBytes), true},
	}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		x, known := limits[strings.TrimPrefix(name, "archive.")]
		if !ok || !known {
			return l, gate.Usagef("write it as bytes=2G; the names are ratio, bytes, depth, entries and window", "--archive-limit cannot be %q", s)
		}
		if value == "none" {
			x.set(-1)
			continue
		}
		unit, digits := int64(1), value
		if i := strings.IndexByte("KMG", lastOctet(value)); i >= 0 && x.suffix {
			unit, digits = 1<<(10*(i+1)), value[:len(value)-1]
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || n < 1 {
			return l, gate.Usagef("write a number from 1 on, or none", "--archive-limit %s cannot be %q", name, value)
		}
		x.set(n * unit)
	}
	return l, nil
}

func lastOctet(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}
