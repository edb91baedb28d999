package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/urfave/cli/v2"

	"postern/cmd/internal/baseline"
	"postern/cmd/internal/config"
	"postern/cmd/internal/gate"
	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/cmd/internal/suppress"
	"postern/mimesize"
	"postern/rules"
	"postern/rules/facts"
)

// acceptFlags are the flags of commands that accept findings.
func acceptFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "no-inline-suppressions", Usage: "do not honour suppressions that a message itself carries", EnvVars: []string{"POSTERN_NO_INLINE_SUPPRESSIONS"}},
	}
}

// baselineFlag names the file of known findings.
func baselineFlag(value, usage string) *cli.StringFlag {
	return &cli.StringFlag{Name: "baseline", Value: value, Usage: usage, EnvVars: []string{"POSTERN_BASELINE"}}
}

// acceptOptions says which findings a run accepts beside those of postern.yaml.
type acceptOptions struct {
	// honour lets messages suppress findings about themselves. It is set here, for check and baseline write, and nowhere else.
	honour bool
	// unreviewed says why what a message says about itself cannot have been reviewed, "" for files.
	unreviewed string
	baseline   string // "" for none
	strict     bool   // stale entries of the baseline fail the run
	now        time.Time
	only       []string // rules, none for all
}

// applies tells whether the run applies a rule.
func (o *acceptOptions) applies(id string) bool {
	return len(o.only) == 0 || slices.ContainsFunc(o.only, func(only string) bool { return config.MatchRule(only, id) })
}

func readAcceptOptions(c *cli.Context) (o acceptOptions, err error) {
	o.honour = !c.Bool("no-inline-suppressions")
	o.baseline, o.strict = c.String("baseline"), c.Bool("strict-baseline")
	switch {
	case empty(c, "baseline", "POSTERN_BASELINE"):
		return o, gate.Usagef("a variable of a script may be unset", "--baseline is empty")
	case o.strict && o.baseline == "":
		return o, gate.Usagef("name it with --baseline FILE", "--strict-baseline needs a baseline")
	}
	return o, nil
}

// reviews notes why the messages of a run are on their way, if they are: whoever wrote them would let himself pass.
func (o *acceptOptions) reviews(paths []string, env *facts.Envelope) {
	switch {
	case slices.Contains(paths, mailbox.Stdin):
		o.unreviewed = "what comes on standard input is not reviewed"
	case env != nil:
		o.unreviewed = "a message with an envelope is on its way"
	}
}

// empty tells whether a flag was given an empty value. An empty variable is one that is not set, as in config.Load.
func empty(c *cli.Context, flag, variable string) bool {
	_, set := os.LookupEnv(variable)
	return c.IsSet(flag) && c.String(flag) == "" && !set
}

// acceptance takes the findings that the user accepts out of the verdicts of one run. Inspect is called by many goroutines,
// everything else by one.
type acceptance struct {
	engine *rules.Engine
	set    *suppress.Set
	known  *baseline.Set // nil without a baseline
	file   string        // of the baseline
	opts   acceptOptions
	// finish decides about a message that passes because its findings were accepted.
	finish func(*report.Item)

	// prints wants the fingerprints of all messages, also without a baseline.
	prints bool

	carried    sync.Map // *report.Item -> carried
	held       []*report.Item
	heldPrints []string
}

// carried is what only the octets of a message tell.
type carried struct {
	own   []suppress.Directive
	print string
}

// newAcceptance prepares a run; an error is about the baseline or the suppressions of postern.yaml.
func newAcceptance(engine *rules.Engine, cfg *config.Config, o acceptOptions) (*acceptance, error) {
	ids := ruleIDs(engine)
	if err := cfg.CheckSuppressions(ids); err != nil {
		return nil, &gate.Error{Cause: gate.Config, Err: err}
	}
	today := o.now
	if today.IsZero() {
		today = time.Now()
	}
	a := &acceptance{engine: engine, file: o.baseline, set: suppress.New(suppress.Options{
		Config: cfg.Suppressions, File: shortest(cfg.File), Dir: cfg.Dir(), Known: ids, Today: today, HonourMessage: o.honour, Unreviewed: o.unreviewed,
		Disabled: cfg.Disabled, Partial: len(o.only) > 0,
	}), opts: o}
	if o.baseline == "" {
		return a, nil
	}
	list, err := baseline.Read(o.baseline)
	if err != nil {
		hint := ""
		var own *baseline.Error
		if errors.As(err, &own) {
			hint = own.Hint
		}
		return nil, &gate.Error{Cause: gate.Config, Err: err, Hint: hint}
	}
	a.known = baseline.New(list)
	return a, nil
}

// shortest gives a path from the working directory if it is below.
func shortest(p string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, p); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return p
}

// ruleIDs gives the ids of the rules that an engine has.
func ruleIDs(e *rules.Engine) []string {
	all := e.Rules()
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	return ids
}

// longBase64 is how many octets of base64 take longer to search for comments than to find out that there can be none.
const longBase64 = 256 << 10

// inspect keeps what the octets of a judged message tell, while they can still be read.
func (a *acceptance) inspect(m *mailbox.Message, scanner *mimesize.Scanner, it *report.Item) {
	var c carried
	if a.set.HonoursMessage() {
		if m.Source != nil { // comments of a template do not reach the message
			c.own = suppress.Scan(bytes.NewReader(m.Source), int64(len(m.Source)))
		} else {
			c.own = suppress.Scan(m.Reader, m.Size, scanner.Base64Only(longBase64)...)
		}
		for i := range c.own {
			c.own[i].Line += m.FirstLine - 1
		}
	}
	if a.known != nil || a.prints {
		// Without a fingerprint the message can still be found by its path.
		c.print, _ = baseline.Fingerprint(m.Reader, m.Size)
	}
	if len(c.own) > 0 || c.print != "" {
		a.carried.Store(it, c)
	}
}

// item hands a message on, at once or at the end, when all of its findings that are accepted are marked.
func (a *acceptance) item(it *report.Item, next func(*report.Item) error) error {
	var c carried
	if v, ok := a.carried.LoadAndDelete(it); ok {
		c = v.(carried)
	}
	for i, s := range a.set.Apply(it.Path, c.own, &it.Verdict) {
		if s != nil {
			mark(it)
			it.Findings[i].Suppressed = s
		}
	}
	a.decide(it)
	if a.known == nil {
		return next(it)
	}
	a.held, a.heldPrints = append(a.held, it), append(a.heldPrints, c.print)
	return nil
}

// print gives the fingerprint of a message before item is called with it, "" if it has none.
func (a *acceptance) print(it *report.Item) string {
	if v, ok := a.carried.Load(it); ok {
		return v.(carried).print
	}
	return ""
}

// mark makes a list of all findings, in the order of the verdict's.
func mark(it *report.Item) {
	if it.Findings != nil {
		return
	}
	it.Findings = make([]report.Finding, len(it.Verdict.Findings))
	for i := range it.Findings {
		it.Findings[i].Finding = it.Verdict.Findings[i]
	}
}

// decide leaves the findings that count in the verdict, and makes it what they are worth.
func (a *acceptance) decide(it *report.Item) {
	if it.Findings == nil {
		return
	}
	live := make([]rules.Finding, 0, len(it.Findings))
	fails := false
	for i := range it.Findings {
		if f := &it.Findings[i]; f.Live() {
			live = append(live, f.Finding)
			fails = fails || a.engine.Fails(f.Severity)
		}
	}
	it.Verdict.Findings = live
	if it.Verdict.Outcome == rules.Fail && !fails {
		it.Verdict.Outcome = rules.Pass
		if a.finish != nil {
			a.finish(it)
		}
	}
}

// rest hands on what was held back until the baseline could be held against all of it.
func (a *acceptance) rest(next func(*report.Item) error) error {
	if a.known == nil {
		return nil
	}
	messages := make([]baseline.Message, len(a.held))
	for i, it := range a.held {
		m := &messages[i]
		m.Path, m.Fingerprint, m.Judged = baseline.Escape(relativeTo(a.file, it.Name)), a.heldPrints[i], it.Verdict.Outcome != rules.Unjudged
		for _, f := range it.Verdict.Findings {
			m.Rules = append(m.Rules, f.Rule)
		}
		for _, k := range it.Verdict.Skipped {
			m.Skipped = append(m.Skipped, k.Rule)
		}
	}
	for i, known := range a.known.Match(messages) {
		it := a.held[i]
		mark(it)
		n := 0
		for j := range it.Findings {
			f := &it.Findings[j]
			if f.Suppressed != nil {
				continue
			}
			f.BaselineState = report.New
			if known[n] {
				f.BaselineState = report.Unchanged
				f.Suppressed = &report.Suppression{Kind: report.External, Reason: "in the baseline " + a.file}
			}
			n++
		}
		a.decide(it)
		if err := next(it); err != nil {
			return err
		}
	}
	return nil
}

// notes tells what the user should know at the end of a run over paths, and how many entries of the baseline are stale. With
// changes the run saw only what had changed.
func (a *acceptance) notes(paths []string, changes bool) (notes []report.Note, stale int) {
	covers := func(place string) bool {
		return !changes && slices.ContainsFunc(paths, func(p string) bool { return within(p, place) })
	}
	notes = a.set.Notes(covers)
	if a.known == nil {
		return notes, 0
	}
	dir := filepath.Dir(a.file)
	list := a.known.Stale(func(p string) bool { return covers(filepath.Join(dir, filepath.FromSlash(p))) }, a.opts.applies)
	for _, e := range list {
		text := fmt.Sprintf("stale: there is no finding of %s in %s any more", e.Rule, e.Path)
		notes = append(notes, report.Note{File: a.file, Line: int64(e.Line), Text: text})
	}
	return notes, len(list)
}

// within tells whether place is path, a message of the file path, or below the directory path.
func within(path, place string) bool {
	p, errP := filepath.Abs(path)
	q, errQ := filepath.Abs(place)
	if errP != nil || errQ != nil || path == mailbox.Stdin {
		return false
	}
	p, q = resolveDir(p), resolveDir(q)
	if info, err := os.Stat(p); err != nil || !info.IsDir() {
		return q == p || strings.HasPrefix(q, p+"#")
	}
	rel, err := filepath.Rel(p, q)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolveDir follows the links of the directories of a path that need not exist.
func resolveDir(p string) string {
	rest := ""
	for dir := p; ; {
		if r, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(r, rest)
		}
		up := filepath.Dir(dir)
		if up == dir {
			return p
		}
		dir, rest = up, filepath.Join(filepath.Base(dir), rest)
	}
}

// relativeTo gives a name from the directory of file, so that it does not depend on the working directory.
func relativeTo(file, name string) string {
	if name == mailbox.StdinName {
		return name
	}
	dir, errD := filepath.Abs(filepath.Dir(file))
	abs, errN := filepath.Abs(name)
	if errD != nil || errN != nil {
		return name
	}
	// The file itself may be a link; it has the name under which it was found.
	rel, err := filepath.Rel(resolveDir(dir), filepath.Join(resolveDir(filepath.Dir(abs)), filepath.Base(abs)))
	if err != nil {
		return name
	}
	return rel
}
