package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/ledger"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/measure"
	"postern/cmd/internal/report"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

func planCommand() *cli.Command {
	return &cli.Command{
		Name:      "plan",
		Usage:     "tell whether messages can be sent one after another, how fast, and in what portions",
		ArgsUsage: "[PATH|-]...",
		Description: "Nothing is sent. The messages are judged in order by all rules, those on what was sent before too, as if each were\n" +
			"sent as soon as the rules allow it. With a ledger what has been sent already counts.",
		Flags: append(append(ledgerFlags(),
			&cli.StringFlag{Name: "provider", Usage: "plan by the rules of `PROVIDER`: pair or none", Action: oneOf("provider", "pair", "none")},
			&cli.StringFlag{Name: "account", Usage: "the `NAME` of the account in the ledger; account.username of postern.yaml without it"},
			&cli.StringFlag{Name: "sender", Usage: "the `IDENTITY` that will send", Value: "plan"},
			&cli.BoolFlag{Name: "web-script", Usage: "a web script will send the messages"},
			&cli.BoolFlag{Name: "verbose", Usage: "list every message with its time"}),
			append(configFlags(), formatFlag(), colorFlag())...),
		Action: plan,
	}
}

// longestPlan is how far a plan looks ahead.
const longestPlan = 31 * 24 * time.Hour

func plan(c *cli.Context) error {
	list, err := somePaths(c)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(c, list[0])
	if err != nil {
		return err
	}
	engine, err := newEngine(c.Context, cfg, func(ro *rules.Options) {
		withHistory(ro)
		if c.IsSet("provider") {
			ro.Provider = c.String("provider")
		}
	})
	if err != nil {
		return err
	}
	account := c.String("account")
	if account == "" && cfg.Account != nil {
		account = cfg.Account.Username
	}
	place, err := ledgerPlace(c, cfg)
	if err != nil {
		return err
	}
	book := ledger.NewBook(engine.Windows())
	if place != nil {
		if account == "" {
			return gate.Usagef("name it with --account, or set account.username in postern.yaml", "the ledger counts by account, and none is named")
		}
		l, err := openLedger(c.Context, place, engine.Windows(), true)
		if err != nil {
			return err
		}
		defer l.Close()
		if book, err = l.Snapshot(c.Context, account); err != nil {
			return ledgerFault(err)
		}
	}
	pl := &planner{engine: engine, book: book, account: account, sender: c.String("sender"), webScript: c.Bool("web-script")}
	if pl.account == "" {
		pl.account = "account"
	}
	pl.report.Ledger = place != nil
	if err := pl.all(c.Context, list, c.App.Reader); err != nil {
		return err
	}
	out := bufio.NewWriter(c.App.Writer)
	if c.String("format") == "json" {
		err = report.WritePlanJSON(out, &pl.report)
	} else {
		p := printer(out, c.App.Writer, c.String("color"))
		p.Plan(&pl.report, c.Bool("verbose"))
		err = p.Err()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return cannotWrite(err)
	}
	switch {
	case pl.report.Unjudged > 0 || len(pl.report.Messages) == 0:
		return &gate.Error{Cause: gate.Unjudged, Silent: true}
	case pl.report.Broken > 0:
		return &gate.Error{Cause: gate.Fail, Silent: true}
	}
	return nil
}

// withHistory applies the rules on what was sent before.
func withHistory(ro *rules.Options) { ro.History = true }

// planner sends messages on paper.
type planner struct {
	engine          *rules.Engine
	book            *ledger.Book
	account, sender string
	webScript       bool
	report          report.Plan
	scanner         mimesize.Scanner
}

func (p *planner) all(ctx context.Context, paths []string, stdin io.Reader) error {
	for m, err := range mailbox.Walk(ctx, paths, stdin, mailbox.Options{}) {
		if err != nil {
			it := broken(err)
			p.report.Add(report.Planned{Name: it.Name, Outcome: report.PlanUnjudged, Reason: it.Verdict.Reason})
			continue
		}
		planned := p.one(ctx, &m)
		m.Close()
		if err := guardsDiffer(m.Name, p.engine.Difference()); err != nil {
			return err
		}
		p.report.Add(planned)
	}
	if ctx.Err() != nil {
		return gate.Errorf(gate.Unjudged, "", "interrupted after %s", report.Count(len(p.report.Messages), "message", "messages"))
	}
	return nil
}

// one finds the time at which a message can be sent after those before it.
func (p *planner) one(ctx context.Context, m *mailbox.Message) report.Planned {
	out := report.Planned{Name: m.Name}
	e := ledger.Entry{Account: p.account, Sender: p.sender}
	opts := facts.Options{Recipient: func(address string) { e.Recipients = append(e.Recipients, address) }}
	f, err := measure.Facts(&p.scanner, m, &facts.Envelope{WebScript: p.webScript}, opts)
	if err != nil {
		out.Outcome, out.Reason = report.PlanUnjudged, err.Error()
		return out
	}
	e.Octets, e.Fingerprint, e.WebScript = f.Size.WireBytes, f.Text.Fingerprint, f.WebScript
	out.Recipients = int64(f.Recipients.Unique)
	for {
		f.History = p.book.History(e)
		v := p.engine.Judge(ctx, f)
		wait, temporary := p.engine.Retry(v)
		switch {
		case v.Outcome == rules.Unjudged:
			out.Outcome, out.Reason = report.PlanUnjudged, v.Reason
			return out
		case v.Outcome == rules.Pass:
			out.Outcome, out.AfterSeconds = report.PlanSent, int64(p.book.Elapsed().Seconds())
			p.book.Send(e)
			return out
		case !temporary || p.book.Elapsed()+wait > longestPlan:
			shift(&v, m.FirstLine-1)
			out.Outcome = report.PlanBroken
			for _, x := range v.Findings {
				if temporary || !x.Temporary { // what time mends is not what breaks it, unless the plan ends before
					out.Findings = append(out.Findings, x)
				}
			}
			return out
		}
		for _, x := range v.Findings {
			if x.Temporary && !slices.Contains(out.Waits, x.Rule) {
				out.Waits = append(out.Waits, x.Rule)
			}
		}
		p.book.Wait(max(wait, time.Second))
	}
}
