package report

import (
	"fmt"
	"sort"
	"strings"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// fewMessages is the number of messages up to which those without findings are shown too.
const fewMessages = 20

// Text writes the report that people read: for each message the verdict first, then the findings, at the end what was skipped
// and the counts.
type Text struct {
	Printer
	// Noun is what is judged; the zero value means messages.
	Noun Noun
	// Verbose shows every message; otherwise messages without findings are shown only when there are 20 or fewer in all.
	Verbose bool
	// Info shows findings of severity info, which are only counted otherwise.
	Info bool
	// Quiet shows one line for each message that did not pass, and nothing else.
	Quiet bool
	// Describe, if set, gives the description of a rule, which is then shown with each finding.
	Describe func(rule string) string

	held  []heldItem // the first messages, until it is known whether there are few
	count int
	wrote bool // something was written
	blank bool // the next block is set off by an empty line
}

// maxNotes is the number of notes that are shown.
const maxNotes = 50

// maxOfRule is the number of findings of one rule that are shown for one message.
const maxOfRule = 10

// Of more than maxSkipped rules that are skipped for one reason, as nearly a hundred are for a template without values, only
// fewSkipped are named.
const (
	maxSkipped = 20
	fewSkipped = 5
)

type heldItem struct {
	item  *Item
	clean bool
}

// Item writes one message. Messages beyond the first 20 are written at once.
func (t *Text) Item(it *Item) error {
	t.count++
	clean := it.Verdict.Outcome == rules.Pass && t.shown(it) == 0
	switch {
	case t.Quiet:
		if it.Verdict.Outcome != rules.Pass {
			t.verdict(it)
		}
	case t.Verbose:
		t.item(it, clean)
	case t.count <= fewMessages:
		t.held = append(t.held, heldItem{it, clean})
	default:
		t.flush(false)
		if !clean {
			t.item(it, false)
		}
	}
	return t.err
}

// flush writes what was held back.
func (t *Text) flush(all bool) {
	for _, h := range t.held {
		if all || !h.clean {
			t.item(h.item, h.clean)
		}
	}
	t.held = nil
}

func (t *Text) shown(it *Item) int {
	n := 0
	for i := range it.Verdict.Findings {
		if t.shows(&it.Verdict.Findings[i]) {
			n++
		}
	}
	return n
}

func (t *Text) shows(f *rules.Finding) bool { return t.Info || f.Severity != rules.SeverityInfo }

// item writes a block. Blocks with more than one line stand between empty lines.
func (t *Text) item(it *Item, clean bool) {
	if t.wrote && (t.blank || !clean) {
		t.raw("")
	}
	t.wrote, t.blank = true, !clean
	t.verdict(it)
	var rule, remedy string
	n := 0
	for i := range it.Verdict.Findings {
		f := &it.Verdict.Findings[i]
		if !t.shows(f) {
			continue
		}
		if f.Rule != rule {
			t.more(n, rule)
			rule, remedy, n = f.Rule, "\x00", 0
		}
		if n++; n > maxOfRule {
			continue
		}
		t.finding(it.Path, f)
		if n == 1 {
			if t.Describe != nil {
				t.labelled(6, "why", t.Describe(f.Rule))
			}
			t.labelled(6, "clause", clause(f.Clause, t.Describe != nil))
		}
		if f.Remedy != remedy {
			t.labelled(6, "remedy", f.Remedy)
			remedy = f.Remedy
		}
	}
	t.more(n, rule)
}

// more tells how many findings of a rule were not shown.
func (t *Text) more(n int, rule string) {
	if n > maxOfRule {
		t.raw("  " + t.paint(dim, "... and "+Comma(int64(n-maxOfRule))+" more of "+quote.Text(rule)))
	}
}

func (t *Text) verdict(it *Item) {
	var word string
	switch it.Verdict.Outcome {
	case rules.Pass:
		word = t.paint(green, "PASS")
	case rules.Fail:
		word = t.paint(red, "FAIL")
	default:
		word = t.paint(yellow, "UNJUDGED")
	}
	line := word + "  " + t.paint(bold, quote.Text(it.Name))
	if it.Size != nil {
		line += "  " + Count(it.Size.DataBytes, "octet", "octets")
	}
	if r := it.Recipients; r != nil {
		line += ", " + Count(r.Unique, "recipient", "recipients")
		if r.Uncertain {
			line += " or more"
		}
	}
	if it.Verdict.Outcome == rules.Unjudged && t.Quiet {
		t.raw(line + ": " + quote.Text(it.Verdict.Reason))
		return
	}
	t.raw(line)
	if it.Verdict.Outcome == rules.Unjudged {
		t.labelled(4, "reason", it.Verdict.Reason)
		t.labelled(4, "hint", it.Hint)
	}
	for _, n := range it.Notes {
		t.labelled(4, "note", n)
	}
}

// finding writes one finding: place, severity, sentence and rule id. What it rests on and the way out follow once a rule.
func (t *Text) finding(path string, f *rules.Finding) {
	place := path
	if f.File != "" {
		place = f.File
	}
	if f.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, f.Line)
	}
	color := blue
	switch f.Severity {
	case rules.SeverityError:
		color = red
	case rules.SeverityWarning:
		color = yellow
	}
	sentence := f.Message
	if f.Path != "" && f.Path != "0" {
		sentence += " (part " + f.Path + ")"
	}
	place = quote.Text(place)
	lead := "  " + place + ": " + t.paint(color, string(f.Severity)) + ": "
	t.Wrap(lead, len([]rune(place))+len(f.Severity)+6, 6, sentence+" ["+f.Rule+"]")
}

// clause gives what a rule rests on in one sentence. The sentence of a provider is quoted, with its page; the section of an
// RFC stands for itself, with its address only in the long form.
func clause(c rules.Clause, long bool) string {
	switch {
	case c.Text == "":
		return ""
	case c.Read != "":
		return fmt.Sprintf("\"%s\" (%s, read %s)", c.Text, c.Source, c.Read)
	case long && c.Source != "":
		return fmt.Sprintf("%s (%s)", c.Text, c.Source)
	}
	return c.Text
}

// Close writes the end of the report.
func (t *Text) Close(s *Summary) error {
	t.flush(true)
	if t.Quiet || t.err != nil {
		return t.err
	}
	s.finish()
	if t.wrote {
		t.raw("")
	}
	t.skipped(s.Skipped)
	t.leftOut(s.LeftOut, s.LeftOutFiles)
	t.notes(s.Notes)
	t.counts(s)
	return t.err
}

// skipped tells, once a run, which rules were not applied.
func (t *Text) skipped(list []rules.Skipped) {
	type group struct{ reason, remedy string }
	var order []group
	ids := map[group][]string{}
	for _, k := range list {
		g := group{k.Reason, k.Remedy}
		if ids[g] == nil {
			order = append(order, g)
		}
		ids[g] = append(ids[g], k.Rule)
	}
	for _, g := range order {
		lead := fmt.Sprintf("%s skipped: ", Count(len(ids[g]), "rule", "rules"))
		if g.reason == rules.NoLedger && !t.Verbose {
			// Saved mail is not being sent, so nothing is missing: one line is enough.
			t.Wrap(t.paint(bold, strings.TrimSuffix(lead, " "))+" ", len(lead), 4, g.reason+" ("+g.remedy+")")
			continue
		}
		t.Wrap(t.paint(bold, strings.TrimSuffix(lead, " "))+" ", len(lead), 4, g.reason)
		if list := ids[g]; len(list) > maxSkipped && !t.Verbose {
			t.labelled(4, "rules", fmt.Sprintf("%s and %d more; --verbose names them all", strings.Join(list[:fewSkipped], ", "), len(list)-fewSkipped))
		} else {
			t.labelled(4, "rules", strings.Join(list, ", "))
		}
		t.labelled(4, "remedy", g.remedy)
	}
}

func (t *Text) leftOut(m map[string]int, files []LeftOut) {
	if len(m) == 0 {
		return
	}
	for _, f := range files {
		t.Wrap(t.paint(bold, "left out:")+" ", 10, 4, f.Path+": "+f.Reason)
	}
	reasons := make([]string, 0, len(m))
	for r := range m {
		reasons = append(reasons, r)
	}
	sort.Strings(reasons)
	for i, r := range reasons {
		reasons[i] = fmt.Sprintf("%s %s", Comma(int64(m[r])), r)
	}
	t.Wrap(t.paint(bold, "left out:")+" ", 10, 4, strings.Join(reasons, ", "))
}

// notes writes what the user should know of suppressions and baselines.
func (t *Text) notes(list []Note) {
	for i, n := range list {
		if i == maxNotes {
			t.raw(t.paint(dim, "... and "+Count(len(list)-i, "more note", "more notes")))
			return
		}
		place := n.File
		if n.Line > 0 {
			place = fmt.Sprintf("%s:%d", place, n.Line)
		}
		place = quote.Text(place)
		t.Wrap(t.paint(bold, "note:")+" "+place+": ", len([]rune(place))+8, 4, n.Text)
	}
}

func (t *Text) counts(s *Summary) {
	part := func(n int, st style, word string) string {
		text := Comma(int64(n)) + " " + word
		if n == 0 {
			return text
		}
		return t.paint(st, text)
	}
	if t.Noun == (Noun{}) {
		t.Noun = Messages
	}
	line := Count(s.Total, t.Noun.One, t.Noun.Many) + ": " +
		part(s.Pass, green, "pass") + ", " + part(s.Fail, red, "fail") + ", " + part(s.Unjudged, yellow, "unjudged")
	t.raw(line)
	line = Count(s.Errors, "error", "errors") + ", " + Count(s.Warnings, "warning", "warnings") + ", " + Count(s.Infos, "info", "infos")
	if s.Infos > 0 && !t.Info {
		line += " (--info shows them)"
	}
	t.raw(line)
	var accepted []string
	if s.Suppressed > 0 {
		accepted = append(accepted, Comma(int64(s.Suppressed))+" suppressed")
	}
	if s.Baselined > 0 {
		accepted = append(accepted, Comma(int64(s.Baselined))+" in the baseline")
	}
	if len(accepted) > 0 {
		t.raw("accepted: " + strings.Join(accepted, ", "))
	}
	if !s.Complete {
		t.raw(t.paint(yellow, "interrupted: the "+t.Noun.Many+" that follow were not looked at"))
	}
}
