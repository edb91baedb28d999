package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/decisions"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/quote"
	"postern/cmd/internal/report"
)

func logCommand() *cli.Command {
	return &cli.Command{
		Name:  "log",
		Usage: "show what was decided about mail on its way",
		Description: "The log is the file that sendmail.log in postern.yaml names. Addresses are in it as hashes with a key, so that\n" +
			"--address finds those that you know, and nobody reads those that he does not.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "file", Usage: "the log `FILE`, instead of sendmail.log in postern.yaml"},
			&cli.StringFlag{Name: "key", Usage: "the `FILE` with its key, instead of sendmail.log_key or the log's name with .key"},
			&cli.StringFlag{Name: "verdict", Usage: "only decisions with this `VERDICT`: pass, fail or unjudged", Action: oneOf("verdict", "pass", "fail", "unjudged")},
			&cli.StringFlag{Name: "rule", Usage: "only messages in which the rule `ID` found something"},
			&cli.StringFlag{Name: "address", Usage: "only messages from or to `ADDRESS`"},
			&cli.StringFlag{Name: "message", Usage: "only messages whose SHA-256 begins with `HASH`"},
			&cli.StringFlag{Name: "since", Usage: "only from `TIME` on: 2026-11-23, 2026-11-23T12:00:00Z, or how long ago, such as 24h"},
			&cli.StringFlag{Name: "until", Usage: "only up to `TIME`"},
			&cli.IntFlag{Name: "last", Usage: "only the last `NUMBER` of them"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "`FORMAT`: text, or ndjson for the lines as they are", Action: oneOf("format", "text", "ndjson")},
		}, configFlags()...),
		Action: showLog,
	}
}

// readMoment reads a time of the command line: a date, a time, or an age. A date as the end of a span is that whole day.
func readMoment(c *cli.Context, flag string, now time.Time, end bool) (time.Time, error) {
	s := c.String(flag)
	if !c.IsSet(flag) {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, now.Location()); err == nil {
		if end {
			t = t.AddDate(0, 0, 1).Add(-time.Nanosecond)
		}
		return t, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, gate.Usagef("write it as 2026-11-23, 2026-11-23T12:00:00Z, or 24h for a day ago", "--%s cannot be %q", flag, s)
}

func showLog(c *cli.Context) error {
	if err := noArgs(c); err != nil {
		return err
	}
	f := decisions.Filter{Verdict: c.String("verdict"), Rule: c.String("rule"), Message: c.String("message"), Address: c.String("address")}
	now := time.Now()
	var err error
	if f.Since, err = readMoment(c, "since", now, false); err != nil {
		return err
	}
	if f.Until, err = readMoment(c, "until", now, true); err != nil {
		return err
	}
	last := c.Int("last")
	if last < 0 {
		return gate.Usagef("it is a number from 1", "--last cannot be %d", last)
	}
	cfg, err := loadConfig(c, ".")
	if err != nil {
		return err
	}
	name, key := logPaths(cfg)
	if c.String("file") != "" {
		name, key = c.String("file"), c.String("file")+".key"
	}
	if c.String("key") != "" {
		key = c.String("key")
	}
	if name == "" {
		return gate.Errorf(gate.Config, "set sendmail.log in postern.yaml, or name it with --file", "no decision log is named")
	}
	var kept []decisions.Entry
	shown := 0
	show := func(e *decisions.Entry) error {
		shown++
		if c.String("format") == "ndjson" {
			b, err := report.Encode(e)
			if err == nil {
				_, err = fmt.Fprintf(c.App.Writer, "%s\n", b)
			}
			return err
		}
		_, err := fmt.Fprintln(c.App.Writer, logLine(e))
		return err
	}
	damaged, err := decisions.Read(name, key, f, func(e *decisions.Entry) error {
		if last == 0 {
			return show(e)
		}
		if kept = append(kept, *e); len(kept) > 2*last {
			kept = append([]decisions.Entry{}, kept[len(kept)-last:]...)
		}
		return nil
	})
	for i := max(0, len(kept)-last); i < len(kept) && err == nil; i++ {
		err = show(&kept[i])
	}
	switch {
	case err != nil:
		return gate.Errorf(gate.Internal, "not everything was shown", "%w", err)
	case damaged > 0:
		return gate.Errorf(gate.Unjudged, "a line that a crash cut short is one", "%s of %s cannot be read", report.Count(damaged, "line", "lines"), name)
	}
	if shown == 0 && c.String("format") == "text" {
		if _, err := fmt.Fprintln(c.App.Writer, "no decisions"); err != nil {
			return cannotWrite(err)
		}
	}
	return nil
}

// logLine is a decision in a line for people.
func logLine(e *decisions.Entry) string {
	line := fmt.Sprintf("%s  %-8s  %s  %d octets, %s  %s", e.Time.Local().Format(time.DateTime), e.Verdict, short(e.Message, 12), e.Octets,
		report.Count(e.Recipients, "recipient", "recipients"), e.Result)
	if len(e.Added) > 0 {
		line += ", with " + strings.Join(e.Added, " and ")
	}
	if len(e.Rules) > 0 {
		line += "  [" + strings.Join(e.Rules, ", ") + "]"
	}
	if e.Reason != "" {
		line += "  " + e.Reason
	}
	return quote.Text(line)
}

func short(s string, n int) string { return s[:min(len(s), n)] }
