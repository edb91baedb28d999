package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/cmd/internal/snapshot"
	"postern/rules"
	"postern/rules/facts"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "judge messages: files, directories, Maildirs, mbox files, templates, - for standard input",
		ArgsUsage: "[PATH|-]...",
		Description: "Without a path all templates of postern.yaml are made into messages, which are judged.\n" +
			"Findings can be accepted: by suppressions in postern.yaml or in the message, and by a baseline of what was there\n" +
			"before (postern baseline write). Accepted findings fail nothing; they are counted, and stay in reports for programs.",
		Flags: append(slices.Concat(changeFlags(), messageFlags(), configFlags(), reportFlags(), acceptFlags(), guardFlags()),
			baselineFlag("", "accept the findings that `FILE` lists, which postern baseline write wrote"),
			&cli.BoolFlag{Name: "strict-baseline", Usage: "fail when the baseline lists findings that are no longer there"},
			colorFlag(), archiveLimitFlag(),
			&cli.StringFlag{Name: "fail-on", Value: "error", Usage: "`SEVERITY` that fails a message: error, warning or info",
				EnvVars: []string{"POSTERN_FAIL_ON"}, Action: oneOf("fail-on", "error", "warning", "info")},
			&cli.BoolFlag{Name: "strict", Usage: "fail on warnings, and do not pass a message while rules are skipped", EnvVars: []string{"POSTERN_STRICT"}},
			&cli.StringSliceFlag{Name: "rule", Usage: "apply only the rule `ID` (repeat the flag for more)"},
			&cli.BoolFlag{Name: "explain", Usage: "say with each finding why the rule exists and where its clause stands"},
			&cli.BoolFlag{Name: "info", Usage: "show findings of severity info too"},
			&cli.BoolFlag{Name: "watch", Usage: "judge again whenever a file changes, until Ctrl-C"},
			&cli.BoolFlag{Name: "verbose", Usage: "show every message, also of many, and name what is left out"},
			&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "show only one line for each message that does not pass"},
		),
		Action: check,
	}
}

// messageFlags are the flags that say what a message itself does not.
func messageFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "envelope-from", Usage: "envelope sender `ADDRESS`, as in MAIL FROM; <> is the null sender"},
		&cli.StringSliceFlag{Name: "rcpt", Usage: "envelope recipient `ADDRESS`, as in RCPT TO (repeat the flag for more)"},
		&cli.StringFlag{Name: "now", Usage: "hold the Date field against `TIME`, as 2026-11-23T12:00:00Z, or \"now\" for a message that is about to be sent"},
	}
}

// configFlags are the flags of commands that read postern.yaml.
func configFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "config", Usage: "read `FILE` instead of looking for postern.yaml (POSTERN_CONFIG does the same)"},
		&cli.BoolFlag{Name: "no-config", Usage: "read no configuration file"},
	}
}

// checkOptions is the command line of check.
type checkOptions struct {
	paths    []string
	changes  changeOptions
	accept   acceptOptions
	config   configOptions
	envelope *facts.Envelope
	now      time.Time // zero: the Date field is not held against a clock
	output   outputOptions
	text     textOptions
	failOn   rules.Severity // "" leaves it to the configuration
	strict   bool
	only     []string
	guards   func(*rules.Options)
	limits   mailbox.Limits
}

// textOptions is what the text report can be told.
type textOptions struct {
	color                         string
	explain, info, verbose, quiet bool
}

func readCheckOptions(c *cli.Context) (o checkOptions, err error) {
	if o.changes, err = readChangeOptions(c); err != nil {
		return o, err
	}
	start := "."
	if o.paths, err = paths(c); err != nil {
		return o, err
	}
	tellTyped(c, o.paths)
	if len(o.paths) > 0 {
		start = o.paths[0]
	}
	if o.envelope, err = readEnvelope(c); err != nil {
		return o, err
	}
	if o.now, err = readNow(c); err != nil {
		return o, err
	}
	if o.limits, err = readArchiveLimits(c.StringSlice("archive-limit")); err != nil {
		return o, err
	}
	if o.guards, err = readGuards(c); err != nil {
		return o, err
	}
	if o.config, err = readConfigOptions(c, start); err != nil {
		return o, err
	}
	if o.output, err = readOutputs(c, o.paths); err != nil {
		return o, err
	}
	if o.accept, err = readAcceptOptions(c); err != nil {
		return o, err
	}
	o.accept.now = o.now
	o.accept.reviews(o.paths, o.envelope)
	o.text = textOptions{
		color: c.String("color"), explain: c.Bool("explain"), info: c.Bool("info"), verbose: c.Bool("verbose"), quiet: c.Bool("quiet"),
	}
	if o.text.quiet && (o.text.verbose || o.text.explain || o.text.info) {
		return o, gate.Usagef("leave out one of them", "--quiet contradicts --verbose, --explain and --info")
	}
	if o.output.format != "text" && o.text.quiet {
		return o, gate.Usagef("the exit status tells the verdict; send the report to /dev/null", "--quiet is for the text report only")
	}
	if c.IsSet("fail-on") {
		o.failOn = rules.Severity(c.String("fail-on"))
	}
	for _, id := range c.StringSlice("rule") {
		if id == "" {
			return o, gate.Usagef("postern rules lists the ids", "--rule is empty")
		}
		if !slices.Contains(o.only, id) {
			o.only = append(o.only, id)
		}
	}
	o.accept.only = o.only
	if o.strict = c.Bool("strict"); o.strict {
		if o.failOn == rules.SeverityError {
			return o, gate.Usagef("leave out one of them", "--fail-on error contradicts --strict")
		}
		if o.failOn == "" {
			o.failOn = rules.SeverityWarning
		}
	}
	return o, nil
}

func readEnvelope(c *cli.Context) (*facts.Envelope, error) {
	from, to := c.IsSet("envelope-from"), c.StringSlice("rcpt")
	if !from && len(to) == 0 {
		return nil, nil
	}
	env := &facts.Envelope{To: to}
	if from {
		s := c.String("envelope-from")
		if s == "<>" {
			s = ""
		}
		env.From = &s
	}
	for _, a := range to {
		if a == "" {
			return nil, gate.Usagef("a variable of a script may be unset", "--rcpt is empty")
		}
	}
	return env, nil
}

// readNow gives the clock of the run. A saved message is older every day and no worse for it, so without the flag there is no
// clock, and the same files give the same report tomorrow.
func readNow(c *cli.Context) (time.Time, error) {
	switch s := c.String("now"); {
	case !c.IsSet("now"):
		return time.Time{}, nil
	case s == "now":
		return time.Now(), nil
	default:
		t, err := time.Parse(time.RFC3339, s)
		if err != nil || t.IsZero() {
			return t, gate.Usagef("write it as 2026-11-23T12:00:00Z, or as now", "--now cannot be %q", s)
		}
		return t, nil
	}
}

// configOptions says which configuration to read.
type configOptions struct {
	start string // path that the search begins at
	file  string // "" searches
	none  bool
}

func readConfigOptions(c *cli.Context, start string) (configOptions, error) {
	o := configOptions{start: start, file: c.String("config"), none: c.Bool("no-config")}
	if start == mailbox.Stdin || start == "" || mailbox.IsRemote(start) {
		o.start = "."
	}
	if o.none && c.IsSet("config") {
		return o, gate.Usagef("leave out one of them", "--config contradicts --no-config")
	}
	if c.IsSet("config") && o.file == "" {
		return o, gate.Usagef("a variable of a script may be unset; --no-config reads no file", "--config is empty")
	}
	return o, nil
}

// load reads the configuration. It is never nil: without a file it holds the defaults.
func (o configOptions) load() (*config.Config, error) {
	if o.none {
		return &config.Config{}, nil
	}
	cfg, err := config.Load(o.start, o.file, os.Environ())
	if err != nil {
		return nil, &gate.Error{Cause: gate.Config, Err: err}
	}
	return cfg, nil
}

// loadConfig reads the configuration that the flags of c name, or that is found from start.
func loadConfig(c *cli.Context, start string) (*config.Config, error) {
	o, err := readConfigOptions(c, start)
	if err != nil {
		return nil, err
	}
	return o.load()
}

// newEngine loads the policies as the configuration wants them. Change, if not nil, adjusts the options by flags.
func newEngine(ctx context.Context, cfg *config.Config, change func(*rules.Options)) (*rules.Engine, error) {
	ro, err := cfg.RuleOptions()
	if err != nil {
		return nil, &gate.Error{Cause: gate.Config, Err: err}
	}
	plain := rules.Options{Provider: ro.Provider, Policies: ro.Policies}
	if change != nil {
		change(&ro)
	}
	l := leavingOf(ctx)
	if l.bad != nil {
		return nil, &gate.Error{Cause: gate.Config, Err: l.bad, Hint: "unset it, or write " + snapshot.Switch + "=off"}
	}
	e, leave, err := snapshot.Engine(ctx, ro, l.dir)
	if err == nil {
		l.add(leave)
		return e, nil
	}
	// An id that no rule has is the configuration's fault, and there it has a line.
	if known, _ := rules.New(ctx, plain); known != nil {
		if bad := cfg.CheckRules(limitsOf(known.Rules())); bad != nil {
			return nil, &gate.Error{Cause: gate.Config, Err: bad}
		}
		if _, bad := pick(known.Rules(), ro.Only); bad != nil { // what --rule names
			return nil, bad
		}
	}
	return nil, policyError(err, "no message was judged")
}

// policyError is the error of policies that do not load.
func policyError(err error, hint string) error {
	if _, name, ok := strings.Cut(err.Error(), "undefined function "); ok {
		if hint != "" {
			hint += "; "
		}
		if strings.HasPrefix(name, "data.") {
			return &gate.Error{Cause: gate.Policy, Err: err, Hint: hint + "functions for several rules are in package custom.postern.lib.NAME, in a file of the same directory"}
		}
		hint += "rules reach neither network, files nor clock, so that http.send, opa.runtime, time.now_ns and their like are not there"
	}
	return &gate.Error{Cause: gate.Policy, Err: err, Hint: hint}
}

// limitsOf gives the names of the limits of each rule.
func limitsOf(list []rules.Rule) map[string][]string {
	out := make(map[string][]string, len(list))
	for _, r := range list {
		names := []string{}
		for _, l := range r.Limits {
			names = append(names, l.Name)
		}
		out[r.ID] = names
	}
	return out
}

func check(c *cli.Context) error {
	o, err := readCheckOptions(c)
	if err != nil {
		return err
	}
	if c.Bool("watch") {
		return watchCheck(c, o)
	}
	return checkOnce(c, o)
}

// checkOnce does all that one run of check does, from reading the configuration on.
func checkOnce(c *cli.Context, o checkOptions) error {
	cfg, err := o.config.load()
	if err != nil {
		return err
	}
	engine, err := newEngine(c.Context, cfg, func(ro *rules.Options) {
		if o.failOn != "" {
			ro.FailOn = o.failOn
		}
		o.failOn = ro.FailOn
		ro.Only = o.only
		o.guards(ro)
	})
	if err != nil {
		return err
	}
	t, err := newTemplates(cfg)
	if err != nil {
		return err
	}
	defer t.renderer.Close()
	if len(o.paths) == 0 && !o.changes.any() && len(t.units) == 0 {
		if _, err := somePaths(c); err != nil {
			return err
		}
	}
	j := &judge{engine: engine, envelope: o.envelope, now: o.now, strict: o.strict, templates: t, recognise: true}
	a, err := newAcceptance(engine, cfg, o.accept)
	if err != nil {
		return err
	}
	j.accept(a)
	var ch *changes
	if o.changes.any() {
		if ch, err = o.changes.find(c.Context, o.paths); err != nil {
			return err
		}
		ch.templates = t
	}
	return runCheck(c.Context, j, a, ch, o, c.App.Reader, c.App.Writer)
}

// maxLeftOut bounds the files that --verbose names as left out.
const maxLeftOut = 1000

// runCheck judges what the command line names, or what has changed of it if ch is not nil, and writes the report.
func runCheck(ctx context.Context, j *judge, a *acceptance, ch *changes, o checkOptions, stdin io.Reader, stdout io.Writer) error {
	w, err := o.reports(j.engine, stdout, report.Messages)
	if err != nil {
		return err
	}
	var sum report.Summary
	leftOut := map[string]int{}
	skipped := func(s mailbox.Skip) {
		leftOut[s.Reason]++
		if o.text.verbose && len(sum.LeftOutFiles) < maxLeftOut {
			sum.LeftOutFiles = append(sum.LeftOutFiles, report.LeftOut{Path: s.Path, Reason: s.Reason})
		}
	}
	walk := func(ctx context.Context) iter.Seq2[mailbox.Message, error] {
		if ch != nil {
			return ch.walk(ctx, skipped)
		}
		return j.templates.walk(ctx, o.paths, stdin, mailbox.Options{Skipped: skipped, Limits: o.limits})
	}
	last := time.Now()
	emit := func(it *report.Item) error {
		sum.Add(it)
		if err := w.Item(it); err != nil {
			return err
		}
		// Whoever watches sees progress; a pipe gets large blocks.
		if now := time.Now(); now.Sub(last) > 200*time.Millisecond {
			last = now
			return w.Flush()
		}
		return nil
	}
	err = j.all(ctx, walk, func(it *report.Item) error { return a.item(it, emit) })
	if err == nil || ctx.Err() != nil {
		err = cmp.Or(a.rest(emit), err)
	}
	sum.LeftOut = leftOut
	sum.Complete = err == nil
	stale := 0
	if sum.Complete {
		sum.Notes, stale = a.notes(o.paths, ch != nil)
	}
	interrupted := ctx.Err() != nil
	if err != nil && !interrupted {
		w.discard()
		if err := j.difference(); err != nil {
			return err
		}
		return cannotWrite(err)
	}
	if err := w.Close(&sum); err != nil {
		return cannotWrite(err)
	}
	dataErr := j.templates.dataError()
	switch {
	case dataErr != nil && !interrupted:
		return dataErr
	case interrupted:
		return gate.Errorf(gate.Unjudged, "", "interrupted after %s", report.Count(sum.Total, "message", "messages"))
	case sum.Unjudged > 0 || sum.Total == 0 && ch == nil: // no change of mail is no fault
		return &gate.Error{Cause: gate.Unjudged, Silent: true}
	case sum.Fail > 0:
		return &gate.Error{Cause: gate.Fail, Silent: true}
	case stale > 0 && o.accept.strict:
		return gate.Errorf(gate.Fail, "postern baseline write makes it anew", "the baseline %s lists %s no longer there", o.accept.baseline,
			report.Count(stale, "group of findings that is", "groups of findings that are"))
	}
	return nil
}

func cannotWrite(err error) error {
	if all := flatten(err); len(all) > 1 {
		err = all[0] // a buffer tells of the same error when it is written to and when it is emptied
	}
	return &gate.Error{Cause: gate.Internal, Err: fmt.Errorf("write the report: %w", err), Hint: "the verdicts were not all reported; do not take this run for a pass"}
}

// reports makes the reports that were asked for.
func (o *checkOptions) reports(engine *rules.Engine, stdout io.Writer, noun report.Noun) (*reports, error) {
	opts := report.Options{Version: version(), Noun: noun, FailOn: o.failOn}
	opts.Rules = slices.DeleteFunc(engine.Rules(), func(r rules.Rule) bool { return (r.Input == rules.InputSettings) != (noun == report.Files) })
	text := func(w, terminal io.Writer, color string) report.Writer {
		t := &report.Text{
			Printer: printer(w, terminal, color), Noun: noun,
			Verbose: o.text.verbose, Info: o.text.info, Quiet: o.text.quiet,
		}
		if o.text.explain {
			about := map[string]string{}
			for _, r := range engine.Rules() {
				about[r.ID] = r.Description
			}
			t.Describe = func(id string) string { return about[id] }
		}
		return t
	}
	return o.output.open(stdout, opts, text, o.text.color, os.Getenv)
}

// printer makes a Printer on out that looks like what terminal is.
func printer(out, terminal io.Writer, color string) report.Printer {
	return report.Printer{W: out, Width: report.Width(terminal), Color: report.UseColor(color, terminal, os.Getenv)}
}
