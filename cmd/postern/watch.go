package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/cmd/internal/watch"
)

// clearScreen puts the cursor into the corner of an empty terminal.
const clearScreen = "\x1b[H\x1b[2J"

// watchCheck judges at once, and again whenever something of what is judged has changed. What is wrong is told and waited
// out; only Ctrl-C ends it, which is no failure.
func watchCheck(c *cli.Context, o checkOptions) error {
	switch {
	case o.changes.any():
		return gate.Usagef("leave out one of them", "--watch contradicts --staged and --new-from")
	case slices.Contains(o.paths, mailbox.Stdin):
		return gate.Usagef("name files or directories", "standard input cannot be watched")
	case slices.ContainsFunc(o.paths, mailbox.IsRemote):
		return gate.Usagef("name files or directories", "what lies at s3:// cannot be watched")
	}
	var own []string
	for _, f := range o.output.files {
		own = append(own, f.name)
	}
	// Before the first run, so that nothing that is saved meanwhile is missed.
	w, err := watch.New(o.watched(), own)
	if err != nil {
		return gate.Errorf(gate.Usage, "a file system without notices cannot be watched, and the number of watched directories is limited", "watch: %w", err)
	}
	defer w.Close()
	w.Leave(c.App.Writer)
	w.Leave(c.App.ErrWriter)
	for {
		if report.IsTerminal(c.App.Writer) {
			io.WriteString(c.App.Writer, clearScreen)
		}
		err := checkOnce(c, o)
		if c.Context.Err() != nil {
			return nil
		}
		finish(c.App.ErrWriter, err)
		fmt.Fprintln(c.App.ErrWriter, "postern: waiting for changes; Ctrl-C ends")
		if err := w.Wait(c.Context); c.Context.Err() != nil {
			return nil
		} else if err != nil {
			return gate.Errorf(gate.Usage, "", "watch: %w", err)
		}
		fmt.Fprintln(c.App.Writer)
	}
}

// watched are the paths whose changes matter: those of the command line, the configuration, and where it has templates all
// below it, because any file there may be part of one. A configuration that cannot be read now may be mended.
func (o *checkOptions) watched() []string {
	list := slices.Clone(o.paths)
	cfg, err := o.config.load()
	switch {
	case err != nil && len(list) == 0:
		list = append(list, ".")
	case err == nil && len(cfg.Templates) > 0:
		list = append(list, cfg.Dir())
	case err == nil && cfg.File != "":
		list = append(list, cfg.File)
	}
	return list
}
