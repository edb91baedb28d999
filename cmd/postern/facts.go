package main

import (
	"bufio"
	"errors"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/measure"
	"postern/cmd/internal/report"
	"postern/mimesize"
	"postern/rules/facts"
)

func factsCommand() *cli.Command {
	return &cli.Command{
		Name:      "facts",
		Usage:     "print what was measured of messages, the input of the rules: one JSON object a line",
		ArgsUsage: "[PATH|-]...",
		Flags: append(messageFlags(),
			&cli.BoolFlag{Name: "indent", Usage: "spread each object over several lines"},
		),
		Action: printFacts,
	}
}

func printFacts(c *cli.Context) error {
	list, err := somePaths(c)
	if err != nil {
		return err
	}
	env, err := readEnvelope(c)
	if err != nil {
		return err
	}
	now, err := readNow(c)
	if err != nil {
		return err
	}
	encode := report.Encode
	if c.Bool("indent") {
		encode = report.EncodeIndent
	}
	out := bufio.NewWriterSize(c.App.Writer, 64<<10)
	var scanner mimesize.Scanner
	var failed []error
	for m, err := range mailbox.Walk(c.Context, list, c.App.Reader, mailbox.Options{}) {
		if err != nil {
			failed = append(failed, err)
			continue
		}
		f, err := measure.Facts(&scanner, &m, env, facts.Options{Now: now})
		m.Close()
		if err != nil {
			failed = append(failed, &mailbox.Error{Name: m.Name, Err: err})
			continue
		}
		b, err := encode(f)
		if err == nil {
			out.Write(b)
			err = out.WriteByte('\n')
		}
		if err != nil {
			return cannotWrite(err)
		}
	}
	if err := out.Flush(); err != nil {
		return cannotWrite(err)
	}
	if c.Context.Err() != nil {
		failed = append(failed, errors.New("interrupted"))
	}
	return unread(failed)
}
