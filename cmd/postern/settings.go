package main

import (
	"slices"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/gate"
	"postern/cmd/internal/report"
	"postern/cmd/internal/settings"
	"postern/rules"
	"postern/rules/facts"
)

func settingsCommand() *cli.Command {
	return &cli.Command{
		Name:      "settings",
		Usage:     "judge how programs hand mail to the provider: msmtp, Postfix, git, nullmailer, PHP, .env",
		ArgsUsage: "[FILE]...",
		Description: "Without FILE it reads the submission part of postern.yaml and the files of known names beside it, or in the\n" +
			"working directory. A directory stands for such files in it. Passwords are never printed. No network connection is\n" +
			"opened but with --probe.",
		Flags: append(slices.Concat(configFlags(), reportFlags()), colorFlag(),
			&cli.BoolFlag{Name: "explain", Usage: "say with each finding why the rule exists and where its clause stands"},
			&cli.BoolFlag{Name: "info", Usage: "show findings of severity info too"},
			&cli.BoolFlag{Name: "probe", Usage: "connect to the server of postern.yaml and judge what it offers; nothing is sent"},
			&cli.BoolFlag{Name: "auth", Usage: "with --probe log in too, if the server has proved its name"},
		),
		Action: judgeSettings,
	}
}

func judgeSettings(c *cli.Context) error {
	list, err := paths(c)
	if err != nil {
		return err
	}
	start := "."
	if len(list) > 0 {
		start = list[0]
	}
	cfg, err := loadConfig(c, start)
	if err != nil {
		return err
	}
	var server *probed
	if c.Bool("probe") {
		if server, err = newProbe(cfg, list); err != nil {
			return err
		}
	} else if c.Bool("auth") {
		return gate.Usagef("it logs in to the server that --probe asks", "--auth is for --probe")
	}
	var failOn rules.Severity
	engine, err := newEngine(c.Context, cfg, func(ro *rules.Options) { failOn = ro.FailOn })
	if err != nil {
		return err
	}
	o := checkOptions{failOn: failOn}
	if o.output, err = readOutputs(c, list); err != nil {
		return err
	}
	found, failed := settings.Read(list, cfg)
	if server != nil {
		if err := server.ask(c.Context, found, c.Bool("auth")); err != nil {
			return err
		}
	}
	o.text = textOptions{color: c.String("color"), explain: c.Bool("explain"), info: c.Bool("info"), verbose: true}
	w, err := o.reports(engine, c.App.Writer, report.Files)
	if err != nil {
		return err
	}
	sum := report.Summary{Complete: true}
	for _, file := range filesOf(found) {
		f := facts.New(facts.KindSettings)
		for _, s := range found {
			if s.File == file {
				f.Settings = append(f.Settings, s)
			}
		}
		it := &report.Item{Name: file, Path: file, Verdict: engine.JudgeSettings(c.Context, f)}
		if err := guardsDiffer(file, engine.Difference()); err != nil {
			w.discard()
			return err
		}
		sum.Add(it)
		if err := w.Item(it); err != nil {
			w.discard()
			return cannotWrite(err)
		}
	}
	if err := w.Close(&sum); err != nil {
		return cannotWrite(err)
	}
	switch {
	case len(failed) > 0:
		return unread(failed)
	case sum.Total == 0:
		return gate.Errorf(gate.Unjudged, "name the files, or write the settings into postern.yaml under submission", "no settings found")
	case sum.Unjudged > 0:
		return &gate.Error{Cause: gate.Unjudged, Silent: true}
	case sum.Fail > 0:
		return &gate.Error{Cause: gate.Fail, Silent: true}
	}
	return nil
}

// filesOf gives the files of settings in the order in which they were found.
func filesOf(list []facts.Setting) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s.File) {
			out = append(out, s.File)
		}
	}
	return out
}
