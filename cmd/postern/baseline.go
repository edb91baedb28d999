package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"context"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/baseline"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/rules"
)

func baselineCommand() *cli.Command {
	return &cli.Command{
		Name:  "baseline",
		Usage: "list the findings of today, so that only new ones fail",
		Subcommands: []*cli.Command{{
			Name:      "write",
			Usage:     "judge messages and write down what is found, for postern check --baseline FILE",
			ArgsUsage: "[PATH]...",
			Description: "The file is written anew: name everything that is checked with it. Without PATH that is the working directory. It\n" +
				"has one line for each rule and message. What is suppressed, and infos that fail nothing, are not in it.",
			Flags: slices.Concat(messageFlags(), configFlags(), acceptFlags(), []cli.Flag{
				baselineFlag(baseline.FileName, "write `FILE`"),
				&cli.StringFlag{Name: "fail-on", Value: "error", Usage: "`SEVERITY` that fails a message: error, warning or info; with info, infos are listed too",
					EnvVars: []string{"POSTERN_FAIL_ON"}, Action: oneOf("fail-on", "error", "warning", "info")},
			}),
			Action: baselineWrite,
		}},
		Action: func(c *cli.Context) error {
			if name := c.Args().First(); name != "" {
				return gate.Usagef("there is postern baseline write", "there is no command baseline %s", name)
			}
			return gate.Usagef("there is postern baseline write", "baseline does nothing by itself")
		},
	}
}

func baselineWrite(c *cli.Context) error {
	list, err := paths(c)
	if err != nil {
		return err
	}
	tellTyped(c, list)
	if len(list) == 0 {
		list = []string{"."}
	}
	j := &judge{}
	if j.envelope, err = readEnvelope(c); err != nil {
		return err
	}
	if j.now, err = readNow(c); err != nil {
		return err
	}
	co, err := readConfigOptions(c, list[0])
	if err != nil {
		return err
	}
	ao, err := readAcceptOptions(c)
	if err != nil {
		return err
	}
	ao.reviews(list, j.envelope)
	file := ao.baseline
	if file == "" {
		file = baseline.FileName // POSTERN_BASELINE is empty
	}
	ao.baseline, ao.now = "", j.now
	cfg, err := co.load()
	if err != nil {
		return err
	}
	if j.engine, err = newEngine(c.Context, cfg, func(ro *rules.Options) {
		if c.IsSet("fail-on") {
			ro.FailOn = rules.Severity(c.String("fail-on"))
		}
	}); err != nil {
		return err
	}
	if j.templates, err = newTemplates(cfg); err != nil {
		return err
	}
	defer j.templates.renderer.Close()
	j.recognise = true
	a, err := newAcceptance(j.engine, cfg, ao)
	if err != nil {
		return err
	}
	a.prints = true
	j.accept(a)
	entries := map[baseline.Entry]int{}
	var sum report.Summary
	complaints := c.App.ErrWriter
	walk := func(ctx context.Context) iter.Seq2[mailbox.Message, error] {
		return j.templates.walk(ctx, list, c.App.Reader, mailbox.Options{})
	}
	err = j.all(c.Context, walk, func(it *report.Item) error {
		print := a.print(it)
		return a.item(it, func(it *report.Item) error {
			sum.Add(it)
			if it.Verdict.Outcome == rules.Unjudged || print == "" {
				complain(complaints, "", fmt.Sprintf("%s: unjudged: %s", it.Name, it.Verdict.Reason))
				complain(complaints, "hint: ", it.Hint)
				return nil
			}
			for _, f := range it.Verdict.Findings {
				if f.Severity != rules.SeverityInfo || j.engine.Fails(f.Severity) {
					entries[baseline.Entry{Rule: f.Rule, Path: baseline.Escape(relativeTo(file, it.Name)), Fingerprint: print}]++
				}
			}
			return nil
		})
	})
	if err != nil {
		if err := j.difference(); err != nil {
			return err
		}
		return gate.Errorf(gate.Unjudged, "no file was written", "interrupted after %s", report.Count(sum.Total, "message", "messages"))
	}
	if sum.Total == sum.Unjudged {
		return gate.Errorf(gate.Unjudged, "no file was written", "no message was judged under %s", strings.Join(list, ", "))
	}
	var all []baseline.Entry
	n := 0
	for e, count := range entries {
		e.Count = count
		n += count
		all = append(all, e)
	}
	if err := baseline.Write(file, all); err != nil {
		return gate.Errorf(gate.Config, "no file was written", "write %s: %w", file, err)
	}
	p := printer(c.App.Writer, c.App.Writer, "never")
	p.Line(fmt.Sprintf("wrote %s: %s in %s", file, report.Count(n, "finding", "findings"), report.Count(sum.Total-sum.Unjudged, "message", "messages")))
	if sum.Unjudged == 0 {
		p.Line("postern check --baseline " + file + " lets them pass")
	}
	if err := p.Err(); err != nil {
		return cannotWrite(err)
	}
	if sum.Unjudged > 0 {
		return gate.Errorf(gate.Unjudged, "a baseline cannot make an unjudged message pass", "%s", report.Count(sum.Unjudged, "message was not judged", "messages were not judged"))
	}
	return nil
}
