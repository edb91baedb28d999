package suppress

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/cmd/internal/config"
	"postern/cmd/internal/report"
	"postern/rules"
)

// Options say what is suppressed.
type Options struct {
	// Config holds the suppressions of postern.yaml, File is its name and Dir the directory that their paths start from.
	Config    []config.Suppression
	File, Dir string
	// Known are the ids of all rules, Disabled those that the configuration switches off.
	Known, Disabled []string
	// Partial tells that the run applies only some of the rules. It then says of no suppression that it is unused.
	Partial bool
	// Today is the day of the run; only its date in UTC counts.
	Today time.Time
	// HonourMessage lets the messages that are judged suppress findings about themselves. Only a gate that judges files of a
	// repository may set it: in a live gate the sender writes the message, and would let himself pass.
	HonourMessage bool
	// Unreviewed says why nobody can have reviewed the messages. What they carry is then only told, with HonourMessage too.
	Unreviewed string
}

// Set is what is suppressed in one run, and what has come of it. It is for one goroutine.
type Set struct {
	opts    Options
	today   string
	list    []*entry
	notes   []report.Note
	dir     string
	applied []string // ids
}

// entry is a suppression of postern.yaml with its use in the run.
type entry struct {
	config.Suppression
	expired string // why it no longer holds, "" if it does
	files   int    // judged files that its path stands for
	exact   bool   // its path is that of a judged file
	used    int    // findings that it suppressed
	back    int    // findings that it would have suppressed before it expired
	skipped bool   // a rule that it names was skipped, so that nothing is known
}

// New prepares a run.
func New(o Options) *Set {
	s := &Set{opts: o, today: o.Today.UTC().Format(time.DateOnly)}
	if dir, err := filepath.Abs(o.Dir); err == nil {
		s.dir = resolved(dir)
	}
	for _, id := range o.Known {
		if !slices.Contains(o.Disabled, id) {
			s.applied = append(s.applied, id)
		}
	}
	for _, c := range o.Config {
		s.list = append(s.list, &entry{Suppression: c, expired: s.expired(c.Until)})
	}
	return s
}

// resolved follows links, so that a directory has one name.
func resolved(p string) string {
	if r, err := filepath.EvalSymlinks(p); err == nil {
		return r
	}
	return p
}

// expired tells why a suppression no longer holds: its last day is over, or is no day.
func (s *Set) expired(until string) string {
	if until == "" {
		return ""
	}
	t, err := time.Parse(time.DateOnly, until)
	switch {
	case err != nil:
		return fmt.Sprintf("until is %q, which is no date as 2027-01-31, and counts as expired", until)
	case t.Format(time.DateOnly) < s.today:
		return "it expired after " + until
	}
	return ""
}

// HonoursMessage tells whether the messages' own suppressions count.
func (s *Set) HonoursMessage() bool { return s.opts.HonourMessage }

// relative gives a file's path from the directory of postern.yaml, with slashes.
func (s *Set) relative(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	// The file itself may be gone, or be a link: only its directory is resolved.
	rel, err := filepath.Rel(s.dir, filepath.Join(resolved(filepath.Dir(abs)), filepath.Base(abs)))
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

// Apply gives for each finding of the message in file the suppression that it falls under, nil for those that count. own are
// the directives that the message carries; they are looked at only if the run honours them.
func (s *Set) Apply(file string, own []Directive, v *rules.Verdict) []*report.Suppression {
	out := make([]*report.Suppression, len(v.Findings))
	skipped := func(pattern string) bool {
		return v.Outcome == rules.Unjudged || slices.ContainsFunc(v.Skipped, func(k rules.Skipped) bool { return config.MatchRule(pattern, k.Rule) })
	}
	if len(s.list) > 0 {
		rel := s.relative(file)
		for _, e := range s.list {
			if !Match(e.Path, rel) {
				continue
			}
			e.files++
			e.exact = e.exact || e.Path == rel
			e.skipped = e.skipped || skipped(e.Rule)
			for i := range v.Findings {
				if out[i] != nil && e.expired != "" || !config.MatchRule(e.Rule, v.Findings[i].Rule) {
					continue
				}
				if e.expired != "" {
					e.back++
					continue
				}
				e.used++
				if out[i] == nil {
					out[i] = &report.Suppression{Kind: report.External, Reason: e.Reason, Until: e.Until}
				}
			}
		}
	}
	if !s.opts.HonourMessage {
		return out
	}
	for _, d := range own {
		s.directive(file, d, v, out, skipped)
	}
	return out
}

// directive applies what a message says about itself.
func (s *Set) directive(file string, d Directive, v *rules.Verdict, out []*report.Suppression, skipped func(string) bool) {
	note := func(format string, args ...any) {
		s.notes = append(s.notes, report.Note{File: file, Line: d.Line, Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case d.Fault != "":
		note("the suppression is not honoured: %s", d.Fault)
		return
	case len(d.Rules) == 0:
		note("the suppression is not honoured: it names no rule")
		return
	case d.Reason == "":
		note("the suppression of %s is not honoured: it gives no reason", strings.Join(d.Rules, ", "))
		return
	}
	expired := s.expired(d.Until)
	for _, pattern := range d.Rules {
		switch {
		case s.opts.Unreviewed != "":
			note("the suppression of %s is not honoured: %s", pattern, s.opts.Unreviewed)
			continue
		case !config.RulePattern().MatchString(pattern):
			note("the suppression is not honoured: %q is no rule id", pattern)
			continue
		case protected(strings.TrimSuffix(pattern, "*")):
			note("the suppression is not honoured: only postern.yaml can suppress %s", pattern)
			continue
		}
		n := 0
		for i := range v.Findings {
			if id := v.Findings[i].Rule; config.MatchRule(pattern, id) && !protected(id) && (out[i] == nil || expired == "") {
				n++
				if expired == "" && out[i] == nil {
					out[i] = &report.Suppression{Kind: report.InSource, Reason: d.Reason, Until: d.Until}
				}
			}
		}
		switch {
		case expired != "" && n > 0:
			note("the suppression of %s is not honoured: %s", pattern, expired)
		case n > 0 || skipped(pattern):
		case !config.KnownRule(pattern, s.opts.Known):
			note("the suppression is not honoured: there is no rule %s", pattern)
		case s.opts.Partial || !config.KnownRule(pattern, s.applied):
		case expired != "":
			note("the suppression of %s can go: %s, and there is nothing to suppress", pattern, expired)
		default:
			note("the suppression of %s is unused", pattern)
		}
	}
}

// protected rules say that a message cannot be judged with certainty. A message cannot switch them off for itself.
func protected(id string) bool {
	return strings.HasPrefix(id, "limit.") || strings.HasPrefix(id, "mime.ambiguous_")
}

// Notes tells what the user should know of his suppressions, in the order of files and lines. covers tells whether the run
// looked at everything below a directory: only then is it said of a pattern that nothing needs it.
func (s *Set) Notes(covers func(dir string) bool) []report.Note {
	notes := slices.Clone(s.notes)
	slices.SortStableFunc(notes, func(a, b report.Note) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, e := range s.list {
		text := ""
		name := e.Rule + " for " + e.Path
		switch {
		case e.back > 0:
			text = fmt.Sprintf("the suppression of %s is not honoured: %s", name, e.expired)
		case e.used > 0 || e.skipped:
		case !e.exact && !covers(filepath.Join(s.dir, filepath.FromSlash(base(e.Path)))):
		case s.opts.Partial || !config.KnownRule(e.Rule, s.applied):
		case e.files == 0:
			text = fmt.Sprintf("the suppression of %s is unused: no file of the run is of that path", name)
		case e.expired != "":
			text = fmt.Sprintf("the suppression of %s can go: %s, and there is nothing to suppress", name, e.expired)
		default:
			text = fmt.Sprintf("the suppression of %s is unused", name)
		}
		if text != "" {
			notes = append(notes, report.Note{File: s.opts.File, Line: int64(e.Line), Text: text})
		}
	}
	return notes
}
