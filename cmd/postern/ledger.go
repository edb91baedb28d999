package main

import (
	"bufio"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/ledger"
	"postern/cmd/internal/report"
)

func ledgerCommand() *cli.Command {
	flags := func(more ...cli.Flag) []cli.Flag {
		return append(append(ledgerFlags(), more...), append(configFlags(), formatFlag(), colorFlag())...)
	}
	return &cli.Command{
		Name:  "ledger",
		Usage: "look at what was sent, as postern remembers it",
		Subcommands: []*cli.Command{
			{
				Name:  "show",
				Usage: "show how much each account and sender has sent",
				Flags: flags(&cli.DurationFlag{Name: "window", Usage: "count what was sent in the last `DURATION`, such as 10m or 24h; 0 is all that is kept",
					Value: 24 * time.Hour, Action: notNegative("window")}),
				Action: ledgerShow,
			},
			{
				Name:   "verify",
				Usage:  "read the whole ledger and say whether it is sound",
				Flags:  flags(),
				Action: ledgerVerify,
			},
			{
				Name:  "prune",
				Usage: "remove what no rule can count any more",
				Flags: flags(&cli.DurationFlag{Name: "keep", Usage: "keep what was sent in the last `DURATION`; what the rules count is kept in any case",
					Action: notNegative("keep")}),
				Action: ledgerPrune,
			},
		},
		Action: func(c *cli.Context) error {
			const hint = "there is postern ledger show, verify and prune"
			if name := c.Args().First(); name != "" {
				return gate.Usagef(hint, "there is no command ledger %s", name)
			}
			return gate.Usagef(hint, "ledger does nothing by itself")
		},
	}
}

// ledgerFlags say which ledger is meant when it is not that of the configuration.
func ledgerFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ledger", Usage: "use the ledger at `URL`, a file or an address such as redis://host/0, in place of that of postern.yaml"},
		&cli.StringFlag{Name: "key-file", Usage: "`FILE` of the ledger's key (with --ledger)"},
	}
}

func notNegative(flag string) func(*cli.Context, time.Duration) error {
	return func(_ *cli.Context, d time.Duration) error {
		if d < 0 {
			return gate.Usagef("write it as 10m or 24h", "--%s cannot be %s", flag, d)
		}
		return nil
	}
}

// ledgerPlace gives the ledger that the command line or the configuration names, nil if neither does.
func ledgerPlace(c *cli.Context, cfg *config.Config) (*config.Ledger, error) {
	if !c.IsSet("ledger") {
		if c.IsSet("key-file") {
			return nil, gate.Usagef("name the ledger too, or leave it out", "--key-file is for --ledger")
		}
		return cfg.LedgerAt(), nil
	}
	place := &config.Ledger{URL: c.String("ledger"), KeyFile: c.String("key-file"), LongestWait: config.DefaultLongestWait}
	kind, err := ledger.Kind(place.URL)
	if err != nil {
		return nil, ledgerFault(err)
	}
	if own := cfg.LedgerAt(); own != nil && kind != "sqlite" {
		// The files of the configuration are for its own server; of another one they would be refused.
		place.PasswordFile = own.PasswordFile
		if place.KeyFile == "" {
			place.KeyFile = own.KeyFile
		}
	}
	return place, nil
}

// openLedger opens a ledger whose histories have the windows that the rules need.
func openLedger(ctx context.Context, place *config.Ledger, windows []time.Duration, readOnly bool) (ledger.Ledger, error) {
	l, err := ledger.Open(ctx, place.URL, ledger.Options{
		Windows: windows, KeyFile: place.KeyFile, PasswordFile: place.PasswordFile, ReadOnly: readOnly,
	})
	if err != nil {
		return nil, ledgerFault(err)
	}
	return l, nil
}

// ledgerFault gives an error of the ledger its cause.
func ledgerFault(err error) error {
	var own *ledger.Error
	e := &gate.Error{Cause: gate.Config, Err: err}
	if !errors.As(err, &own) {
		e.Hint = "the ledger cannot be used"
	}
	return e
}

// configuredLedger opens the ledger for a command about it. Its windows are those of the rules that are in force, so that nothing is
// pruned that they count.
func configuredLedger(c *cli.Context, readOnly bool) (ledger.Ledger, error) {
	if err := noArgs(c); err != nil {
		return nil, err
	}
	cfg, err := loadConfig(c, ".")
	if err != nil {
		return nil, err
	}
	place, err := ledgerPlace(c, cfg)
	if err != nil {
		return nil, err
	}
	if place == nil {
		return nil, gate.Errorf(gate.Config, "add ledger.url to postern.yaml, or name one with --ledger", "no ledger is configured")
	}
	engine, err := newEngine(c.Context, cfg, withHistory)
	if err != nil {
		return nil, err
	}
	l, err := openLedger(c.Context, place, engine.Windows(), readOnly)
	if err != nil {
		return nil, err
	}
	for _, w := range l.Warnings() {
		complain(c.App.ErrWriter, "", strings.TrimSpace(w))
	}
	return l, nil
}

func ledgerShow(c *cli.Context) error {
	l, err := configuredLedger(c, true)
	if err != nil {
		return err
	}
	defer l.Close()
	window := c.Duration("window")
	list, err := l.Accounts(c.Context, window)
	if err != nil {
		return ledgerFault(err)
	}
	rows := make([]report.Sent, len(list))
	for i, a := range list {
		rows[i] = report.Sent(a)
	}
	out := bufio.NewWriter(c.App.Writer)
	if c.String("format") == "json" {
		err = report.WriteSentJSON(out, window, rows)
	} else {
		p := printer(out, c.App.Writer, c.String("color"))
		p.Sent(window, rows)
		err = p.Err()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return cannotWrite(err)
	}
	return nil
}

func ledgerVerify(c *cli.Context) error {
	l, err := configuredLedger(c, true)
	if err != nil {
		return err
	}
	defer l.Close()
	n, err := l.Verify(c.Context)
	if err != nil {
		return ledgerFault(err)
	}
	return tellNumber(c, "the ledger is sound, with ", n)
}

func ledgerPrune(c *cli.Context) error {
	l, err := configuredLedger(c, false)
	if err != nil {
		return err
	}
	defer l.Close()
	n, err := l.Prune(c.Context, c.Duration("keep"))
	if err != nil {
		return ledgerFault(err)
	}
	return tellNumber(c, "removed ", n)
}

// tellNumber reports a number of messages.
func tellNumber(c *cli.Context, text string, n int64) error {
	out := bufio.NewWriter(c.App.Writer)
	var err error
	if c.String("format") == "json" {
		var b []byte
		if b, err = report.EncodeIndent(map[string]any{"schema_version": report.SchemaVersion, "messages": n}); err == nil {
			_, err = out.Write(append(b, '\n'))
		}
	} else {
		p := printer(out, c.App.Writer, c.String("color"))
		p.Line(text + report.Count(n, "message", "messages"))
		err = p.Err()
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return cannotWrite(err)
	}
	return nil
}
