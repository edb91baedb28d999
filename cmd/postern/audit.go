package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/audit"
	"postern/cmd/internal/auditor"
	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/progress"
	"postern/cmd/internal/report"
	"postern/rules"
	"postern/rules/facts"
)

func auditCommand() *cli.Command {
	return &cli.Command{
		Name:      "audit",
		Usage:     "say of archives of mail who sent what, which rules it broke, and what another policy would have stopped",
		ArgsUsage: "[PATH|-]...",
		Description: "Archives are mbox files, Maildirs and directories of messages; standard input is -. Reports hide addresses, subjects\n" +
			"and names of files unless --no-redact is given. Exit status: 0 pass, 1 fail, 2 wrong usage, 3 when more messages could\n" +
			"not be judged than --allow-unjudged says.",
		Flags: append(slices.Concat(auditFilterFlags(), auditPolicyFlags(), auditPaceFlags(), guardFlags(), configFlags(), auditReportFlags()),
			&cli.StringFlag{Name: "resume", Usage: "keep the progress in `STATE`: when the run is killed, the same command goes on"},
			&cli.DurationFlag{Name: "checkpoint", Value: 5 * time.Second, Usage: "`TIME` between two saves of the progress; 0 saves after each message"},
			shardFlag(), exitZeroFlag(), auditJobFlag(), archiveLimitFlag(),
			&cli.BoolFlag{Name: "no-progress", Usage: "show no progress bar"},
		),
		Action:      runAudit,
		Subcommands: []*cli.Command{auditMergeCommand()},
	}
}

func auditPolicyFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "rule", Usage: "apply only the rule `ID` (repeat the flag for more)"},
		&cli.StringFlag{Name: "fail-on", Value: "error", Usage: "`SEVERITY` that fails a message: error, warning or info",
			EnvVars: []string{"POSTERN_FAIL_ON"}, Action: oneOf("fail-on", "error", "warning", "info")},
		&cli.BoolFlag{Name: "strict", Usage: "fail on warnings, and do not pass a message while rules are skipped", EnvVars: []string{"POSTERN_STRICT"}},
		&cli.StringFlag{Name: "now", Usage: "hold the Date field against `TIME`, as 2026-11-23T12:00:00Z"},
		&cli.StringFlag{Name: "what-if", Usage: "judge by `POLICY` too, a postern.yaml or a directory of Rego rules, and report the difference"},
	}
}

func auditPaceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.Int64Flag{Name: "batch-recipients", Value: 25, Usage: "`N` addresses are the most in one batch (Pair states 25); 0 is no limit"},
		&cli.Int64Flag{Name: "batch-seconds", Value: 3, Usage: "`N` seconds are the least between two deliveries (Pair states 3); 0 is no limit"},
		&cli.Int64Flag{Name: "batch-gap", Value: 60, Usage: "`N` seconds without a delivery end a batch"},
		&cli.Int64Flag{Name: "hourly", Usage: "`N` recipients are the most of a sender in any 60 minutes (no page of Pair states a number)"},
		&cli.Int64Flag{Name: "daily", Usage: "`N` recipients are the most of a sender in any 24 hours"},
		&cli.Int64Flag{Name: "campaign", Value: 26, Usage: "a text that goes to at least `N` different recipients is a campaign; 0 looks for none, and reads no text for it"},
	}
}

// auditOptions is the command line of audit.
type auditOptions struct {
	paths    []string
	config   configOptions
	filter   auditor.Filter
	policy   string // of --what-if
	now      time.Time
	only     []string
	failOn   rules.Severity // "" leaves it to the configuration
	strict   bool
	guards   func(*rules.Options)
	settings audit.Settings
	state    string
	every    time.Duration
	shard    audit.Shard
	exitZero bool
	job      string // the file for it, "" if the audit is done here
	report   auditReportOptions
	bar      bool
	limits   mailbox.Limits
}

func readAuditOptions(c *cli.Context) (o auditOptions, err error) {
	if o.paths, err = somePaths(c); err != nil {
		return o, err
	}
	if n := len(o.paths); n > 1 && slices.Index(o.paths, mailbox.Stdin) >= 0 && slices.Contains(o.paths[slices.Index(o.paths, mailbox.Stdin)+1:], mailbox.Stdin) {
		return o, gate.Usagef("standard input can be read only once", "- is named twice")
	}
	if o.config, err = readConfigOptions(c, o.paths[0]); err != nil {
		return o, err
	}
	if o.filter, err = readAuditFilter(c); err != nil {
		return o, err
	}
	if o.now, err = readNow(c); err != nil {
		return o, err
	}
	for _, id := range c.StringSlice("rule") {
		if id == "" {
			return o, gate.Usagef("postern rules lists the ids", "--rule is empty")
		}
		if !slices.Contains(o.only, id) {
			o.only = append(o.only, id)
		}
	}
	if c.IsSet("fail-on") {
		o.failOn = rules.Severity(c.String("fail-on"))
	}
	if o.strict = c.Bool("strict"); o.strict {
		if o.failOn == rules.SeverityError {
			return o, gate.Usagef("leave out one of them", "--fail-on error contradicts --strict")
		}
		o.failOn = cmp.Or(o.failOn, rules.SeverityWarning)
	}
	if o.guards, err = readGuards(c); err != nil {
		return o, err
	}
	if o.policy = c.String("what-if"); c.IsSet("what-if") && o.policy == "" {
		return o, gate.Usagef("a variable of a script may be unset", "--what-if is empty")
	}
	if o.state = c.String("resume"); c.IsSet("resume") && o.state == "" {
		return o, gate.Usagef("a variable of a script may be unset", "--resume is empty")
	}
	if o.every = c.Duration("checkpoint"); o.every < 0 {
		return o, gate.Usagef("write it as 5s", "--checkpoint cannot be negative")
	}
	if o.limits, err = readArchiveLimits(c.StringSlice("archive-limit")); err != nil {
		return o, err
	}
	if c.IsSet("shard") {
		if o.shard, err = readShard(c.String("shard"), os.Getenv); err != nil {
			return o, err
		}
	}
	if o.exitZero = c.Bool("exit-zero"); o.exitZero && o.shard.Count == 0 {
		return o, gate.Usagef("the verdict of a whole run is its exit status", "--exit-zero is for --shard only")
	}
	if o.job, err = readAuditJob(c, o.paths); err != nil {
		return o, err
	}
	if o.report, err = readAuditReport(c, append(slices.Clone(o.paths), o.state)); err != nil {
		return o, err
	}
	if o.shard.Count > 0 && !o.report.wants("part") {
		return o, gate.Usagef("write --output part=FILE; postern audit merge joins such files", "--shard judges only a part of the messages, and no file is named for it")
	}
	o.bar = !c.Bool("no-progress") && os.Getenv("CI") == "" && report.IsTerminal(c.App.ErrWriter)
	o.settings = audit.Settings{
		Paths: slices.Clone(o.paths), Since: c.String("since"), Until: c.String("until"),
		Senders: append([]string{}, o.filter.Senders...), Folders: append([]string{}, o.filter.Folders...), Rules: append([]string{}, o.only...),
		Sample: c.String("sample"), Dedup: c.Bool("dedup"), Now: c.String("now"), Strict: o.strict, Version: version(),
		Pace: audit.Pace{
			Batch: c.Int64("batch-recipients"), Seconds: c.Int64("batch-seconds"), Gap: c.Int64("batch-gap"), Hour: c.Int64("hourly"), Day: c.Int64("daily"),
		},
		Campaign: c.Int64("campaign"), Archive: append([]string{}, c.StringSlice("archive-limit")...),
	}
	for _, name := range []string{"batch-recipients", "batch-seconds", "batch-gap", "hourly", "daily", "campaign"} {
		if c.Int64(name) < 0 {
			hint := "0 is no limit"
			switch name {
			case "campaign":
				hint = "0 looks for none"
			case "batch-gap":
				hint = "write a number of seconds"
			}
			return o, gate.Usagef(hint, "--%s cannot be negative", name)
		}
	}
	return o, nil
}

func runAudit(c *cli.Context) error {
	o, err := readAuditOptions(c)
	if err != nil {
		return err
	}
	cfg, err := o.config.load()
	if err != nil {
		return err
	}
	a := &auditor.Auditor{
		Paths: o.paths, Stdin: c.App.Reader, Own: o.own(), Shard: o.shard, Filter: o.filter, Dedup: o.settings.Dedup, Strict: o.strict,
		Facts: facts.Options{Now: o.now}, Campaigns: o.settings.Campaign > 0, Stateful: o.state != "", Planned: o.report.wants("part"), Limits: o.limits,
	}
	head := &audit.Head{Settings: o.settings}
	s := &head.Settings
	job := auditor.Job{Filter: o.filter, Now: o.now, Limits: o.limits}
	if a.Engine, job.Rules, s.Policies, err = o.judgeBy(c.Context, cfg); err != nil {
		return err
	}
	s.FailOn = string(job.Rules.FailOn)
	head.Rules = ruleInfos(a.Engine)
	if o.policy != "" {
		other, err := o.otherPolicy(cfg)
		if err != nil {
			return err
		}
		job.Other = &rules.Options{}
		if a.Other, *job.Other, s.WhatIf, err = o.judgeBy(c.Context, other); err != nil {
			return err
		}
		head.Other = o.policy
		for _, r := range ruleInfos(a.Other) {
			if !slices.ContainsFunc(head.Rules, func(x audit.RuleInfo) bool { return x.ID == r.ID }) {
				head.Rules = append(head.Rules, r)
			}
		}
	}
	head.Skipped = a.Prepare(c.Context)
	if o.job != "" {
		job.Head = *head
		return writeAuditJob(&job, o.job)
	}
	outputs, err := o.report.open()
	if err != nil {
		return err
	}
	defer outputs.discard()
	a.Run, err = audit.Start(head, audit.Options{State: o.state, Every: o.every, Shard: o.shard, Rows: o.report.needsRows()})
	if err != nil {
		if o.state == "" {
			return gate.Errorf(gate.Internal, "", "keep the results: %w", err)
		}
		return gate.Errorf(gate.Usage, "name another file, or remove it together with "+o.state+".rows to begin anew", "the state %s cannot be used: %w", o.state, err)
	}
	return auditAll(c.Context, a, &o, outputs, c.App)
}

// auditAll judges everything and writes the reports.
func auditAll(ctx context.Context, a *auditor.Auditor, o *auditOptions, outputs *auditOutputs, app *cli.App) error {
	bar := progress.Start(app.ErrWriter, o.bar, func() (int64, bool) { return mailbox.TotalBytes(ctx, o.paths) })
	if o.bar {
		a.Progress = bar.Bytes
	}
	start := time.Now()
	replayed := a.Run.Replayed()
	var flat sync.Once
	forgetPages()
	err := a.Audit(ctx, func() {
		n, failing := a.Run.Count()
		if o.bar {
			bar.Messages(n, failing, float64(n-replayed)/time.Since(start).Seconds())
		}
		if n > manyMessages {
			flat.Do(collectFlat)
		}
	})
	collectFreely()
	bar.Stop()
	interrupted := ctx.Err() != nil
	if name, difference := a.Difference(); difference != nil && !interrupted {
		a.Run.Done(false)
		return guardsDiffer(name, difference)
	}
	if err == nil || interrupted {
		err = ignore(err, ctx.Err())
	}
	judged, _ := a.Run.Count()
	if err != nil {
		a.Run.Done(false)
		switch {
		case errors.Is(err, audit.ErrOther):
			return gate.Errorf(gate.Usage, "remove "+o.state+" and "+o.state+".rows to begin anew", "%w", err)
		case errors.Is(err, auditor.ErrPlan):
			return gate.Errorf(gate.Unjudged, "audit an archive that nothing is delivered to, or a copy", "the shards cannot be told apart: %w", err)
		}
		return cannotWrite(err)
	}
	if interrupted && o.state != "" {
		err := a.Run.Checkpoint()
		a.Run.Done(false)
		if err != nil {
			return cannotWrite(err)
		}
		return gate.Errorf(gate.Unjudged, "the same command goes on from there", "interrupted after %s", report.Count(judged, "message", "messages"))
	}
	rep, err := a.Run.End(!interrupted)
	if err == nil {
		err = outputs.write(&auditResult{
			report: rep, rows: a.Run.Each, rules: a.Run.Head.Rules,
			part: a.Part,
		}, app.Writer)
	}
	if done := a.Run.Done(err == nil); err == nil {
		err = done
	}
	if err != nil {
		return cannotWrite(err)
	}
	if interrupted {
		return gate.Errorf(gate.Unjudged, "with --resume STATE a run can be continued", "interrupted after %s", report.Count(judged, "message", "messages"))
	}
	if o.exitZero || o.shard.Count > 1 && rep.Summary.Messages == 0 {
		return nil // there may be more shards than messages
	}
	return o.report.verdict(&rep.Summary)
}

// ignore gives err unless it is only what.
func ignore(err, what error) error {
	if what != nil && errors.Is(err, what) {
		return nil
	}
	return err
}

// auditTimeout bounds the evaluation of one message. It has room for a machine that does much else.
const auditTimeout = 30 * time.Second

// judgeBy makes the engine of a configuration, and the digest of what decides in it. Used is what the engine was made of.
func (o *auditOptions) judgeBy(ctx context.Context, cfg *config.Config) (e *rules.Engine, used rules.Options, digest string, err error) {
	e, err = newEngine(ctx, cfg, func(ro *rules.Options) {
		ro.FailOn = cmp.Or(o.failOn, ro.FailOn, rules.SeverityError)
		ro.Only = o.only
		// Nobody waits for one message, and a busy machine must not change a verdict.
		ro.Timeout = auditTimeout
		o.guards(ro)
		used = *ro
	})
	if err == nil {
		digest, err = auditor.Digest(used, e.Rules())
	}
	return e, used, digest, err
}

// otherPolicy reads the policy of --what-if: a configuration of its own, or rules that are added to the present ones.
func (o *auditOptions) otherPolicy(cfg *config.Config) (*config.Config, error) {
	info, err := os.Stat(o.policy)
	if err != nil {
		return nil, gate.Usagef("it is a postern.yaml or a directory of Rego rules", "--what-if %s: %w", o.policy, bare(err))
	}
	if ext := strings.ToLower(filepath.Ext(o.policy)); !info.IsDir() && (ext == ".yaml" || ext == ".yml") {
		other, err := config.Load("", o.policy, os.Environ())
		if err != nil {
			return nil, &gate.Error{Cause: gate.Config, Err: err}
		}
		return other, nil
	}
	path, err := filepath.Abs(o.policy)
	if err != nil {
		return nil, err
	}
	other := *cfg
	other.Policies = append(slices.Clone(cfg.Policies), path)
	return &other, nil
}

// own tells whether a file is one that the run itself writes. It may lie among the mail, and is no part of the walk: it is there
// in one run and not in the next.
func (o *auditOptions) own() func(string) bool {
	names := []string{}
	if o.state != "" {
		names = append(names, o.state, o.state+".rows")
	}
	for _, f := range o.report.files {
		names = append(names, f.name)
	}
	return func(name string) bool {
		base := filepath.Base(name)
		for _, n := range names {
			b := filepath.Base(n)
			if base == b && sameFile(name, n) {
				return true
			}
			if strings.HasPrefix(base, "."+b+".") && strings.HasSuffix(base, ".tmp") && sameFile(name, filepath.Join(filepath.Dir(n), base)) {
				return true
			}
		}
		return false
	}
}

func ruleInfos(e *rules.Engine) []audit.RuleInfo {
	list := []audit.RuleInfo{}
	for _, r := range e.Rules() {
		if r.Enabled && r.Input == rules.InputMessage {
			list = append(list, audit.RuleInfo{ID: r.ID, Title: r.Title, Severity: string(r.Severity), Clause: r.Clause.Text, Source: r.Clause.Source, Remedy: r.Remedy})
		}
	}
	return list
}
