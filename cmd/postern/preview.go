package main

import (
	"context"
	"io"
	"iter"
	"slices"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/preview"
	"postern/cmd/internal/report"
	"postern/mimesize"
	"postern/rules"
)

func previewCommand() *cli.Command {
	return &cli.Command{
		Name:  "preview",
		Usage: "write an HTML page that shows a message, or what a template makes, with its findings and its size",
		Description: "The page needs nothing else and loads nothing: the message is in a frame that runs no scripts, and pictures from\n" +
			"elsewhere are not shown.",
		ArgsUsage: "FILE",
		Flags: append(slices.Concat(messageFlags(), configFlags(), acceptFlags()), dataFlag(),
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`, not to standard output"}),
		Action: showPreview,
	}
}

func showPreview(c *cli.Context) error {
	file := c.Args().First()
	co, err := readConfigOptions(c, file)
	if err != nil {
		return err
	}
	j := &judge{recognise: true}
	if j.envelope, err = readEnvelope(c); err != nil {
		return err
	}
	if j.now, err = readNow(c); err != nil {
		return err
	}
	ao, err := readAcceptOptions(c)
	if err != nil {
		return err
	}
	cfg, err := co.load()
	if err != nil {
		return err
	}
	if j.engine, err = newEngine(c.Context, cfg, nil); err != nil {
		return err
	}
	a, err := newAcceptance(j.engine, cfg, ao)
	if err != nil {
		return err
	}
	if j.templates, err = newTemplates(cfg); err != nil {
		return err
	}
	defer j.templates.renderer.Close()
	list, err := messagesOf(c, j.templates)
	if err != nil {
		return err
	}
	if err := oneMessage(list, "choose one with --data FILE"); err != nil {
		for i := range list {
			list[i].Close()
		}
		return err
	}
	var shown *preview.Message
	j.accept(a)
	j.inspect = func(m *mailbox.Message, scanner *mimesize.Scanner, it *report.Item) {
		a.inspect(m, scanner, it)
		if b, err := io.ReadAll(io.NewSectionReader(m.Reader, 0, m.Size)); err == nil {
			shown = preview.Read(b)
		}
	}
	var item *report.Item
	walk := func(context.Context) iter.Seq2[mailbox.Message, error] {
		return func(yield func(mailbox.Message, error) bool) { yield(list[0], nil) }
	}
	err = j.all(c.Context, walk, func(it *report.Item) error {
		return a.item(it, func(it *report.Item) error { item = it; return nil })
	})
	switch {
	case j.difference() != nil:
		return j.difference()
	case err != nil:
		return &gate.Error{Cause: gate.Unjudged, Err: err}
	case j.templates.dataError() != nil:
		return j.templates.dataError()
	case shown == nil || item == nil || item.Verdict.Outcome == rules.Unjudged && item.Size == nil:
		return gate.Errorf(gate.Unjudged, item.Hint, "%s: %s", item.Name, item.Verdict.Reason)
	}
	name := c.String("output")
	if name == "" {
		if err := preview.Write(c.App.Writer, item, shown); err != nil {
			return cannotWrite(err)
		}
		return nil
	}
	out, err := replace(name)
	if err != nil {
		return gate.Errorf(gate.Usage, "", "write %s: %w", name, err)
	}
	if err := preview.Write(out.out, item, shown); err != nil {
		out.discard()
		return cannotWrite(err)
	}
	if err := out.commit(); err != nil {
		return cannotWrite(err)
	}
	return nil
}
