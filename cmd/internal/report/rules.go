package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"postern/cmd/internal/quote"
	"postern/rules"
)

// Rules lists rules by category, in their order.
func (p *Printer) Rules(list []rules.Rule) {
	width := 0
	for i := range list {
		width = max(width, utf8.RuneCountInString(list[i].ID))
	}
	category := ""
	off := 0
	for i := range list {
		r := &list[i]
		if c := r.Category(); c != category {
			if category != "" {
				p.raw("")
			}
			category = c
			p.raw(p.paint(bold, quote.Text(c)))
		}
		title := r.Title
		if !r.Enabled {
			title += " (switched off)"
			off++
		}
		if r.Origin != "built-in" {
			title += " (" + r.Origin + ")"
		}
		severity := p.severity(r.Severity) + strings.Repeat(" ", len("warning")-len(r.Severity))
		id := quote.Text(r.ID)
		lead := "  " + severity + "  " + id + strings.Repeat(" ", width-utf8.RuneCountInString(id)) + "  "
		n := 2 + len("warning") + 2 + width + 2
		p.Wrap(lead, n, n, title)
	}
	p.raw("")
	line := Count(len(list), "rule", "rules")
	if off > 0 {
		line += fmt.Sprintf(", %s switched off", Comma(int64(off)))
	}
	p.raw(line)
}

// Guards lists how well rules could be compiled to guards, in their order: what they find is made without OPA, or OPA is asked
// about exactly the messages in which they find something, or about some more, or about all.
func (p *Printer) Guards(list []rules.GuardReport) {
	width, of := 0, map[string]int{}
	for i := range list {
		width = max(width, utf8.RuneCountInString(list[i].Rule))
	}
	for i := range list {
		g := &list[i]
		how := "careful"
		switch {
		case g.Always && !g.Exact:
			how = "none"
		case g.Findings:
			how = "made"
		case g.Exact:
			how = "exact"
		}
		of[how]++
		id := quote.Text(g.Rule)
		lead := "  " + how + strings.Repeat(" ", len("careful")-len(how)) + "  " + id
		if g.Findings || len(g.Reasons) == 0 {
			p.raw(lead)
			continue
		}
		lead += strings.Repeat(" ", width-utf8.RuneCountInString(id)) + "  "
		n := 2 + len("careful") + 2 + width + 2
		p.Wrap(lead, n, n, strings.Join(g.Reasons, "; "))
	}
	p.raw("")
	number := func(how string) string { return Comma(int64(of[how])) }
	p.raw(fmt.Sprintf("%s: %s made, %s exact, %s careful, %s without a guard", Count(len(list), "rule", "rules"),
		number("made"), number("exact"), number("careful"), number("none")))
	p.Wrap("", 0, 0, "made: findings are made without OPA; exact: OPA is asked where the rule finds something; careful: also elsewhere; "+
		"without a guard: about every message")
}

func (p *Printer) severity(s rules.Severity) string {
	switch s {
	case rules.SeverityError:
		return p.paint(red, string(s))
	case rules.SeverityWarning:
		return p.paint(yellow, string(s))
	}
	return p.paint(blue, string(s))
}

// Rule tells all about one rule. Example is the name of a message that breaks it and text that message; both can be "".
func (p *Printer) Rule(r *rules.Rule, example, text string) {
	p.raw(p.paint(bold, quote.Text(r.ID)) + "  " + p.severity(r.Severity))
	p.Wrap("", 0, 0, r.Title)
	if r.Description != "" {
		p.raw("")
		p.Wrap("", 0, 0, r.Description)
	}
	p.raw("")
	p.labelled(0, "clause", clause(r.Clause, true))
	p.labelled(0, "remedy", r.Remedy)
	for _, ref := range r.References {
		if ref != r.Clause.Source {
			p.labelled(0, "see", ref)
		}
	}
	if r.Severity != r.DefaultSeverity {
		p.labelled(0, "severity", fmt.Sprintf("%s by configuration, %s by default", r.Severity, r.DefaultSeverity))
	}
	if r.Elevated != "" {
		p.labelled(0, "severity", fmt.Sprintf("%s for its gravest findings", r.Elevated))
	}
	if len(r.Requires) > 0 {
		p.labelled(0, "needs", strings.Join(r.Requires, ", ")+"; skipped without")
	}
	if r.Input == rules.InputSettings {
		p.labelled(0, "applies to", "submission settings (postern settings)")
	}
	if !r.Enabled {
		p.labelled(0, "state", "switched off")
	}
	p.labelled(0, "origin", r.Origin)
	for _, l := range r.Limits {
		p.limit(&l)
	}
	if text != "" {
		p.raw("")
		p.raw("a message that breaks it (" + quote.Text(example) + "):")
		lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
		for i, line := range lines {
			if i == maxExample {
				p.raw(fmt.Sprintf("    ... %s more", Count(len(lines)-i, "line", "lines")))
				break
			}
			p.raw(strings.TrimRight("    "+quote.Short(line, 160), " "))
		}
	}
}

// maxExample is the number of lines of an example that are shown.
const maxExample = 40

func (p *Printer) limit(l *rules.Limit) {
	text := fmt.Sprintf("%s = %s (%s", l.Name, value(l.Value), l.Status)
	switch {
	case l.Status == "configured":
		text += fmt.Sprintf(", default %s", value(l.Default))
	case l.Quote != "":
		text += fmt.Sprintf(": \"%s\", %s, read %s", l.Quote, l.Source, l.Read)
	}
	text += ")"
	if l.Why != "" {
		text += "; " + l.Why
	}
	p.labelled(0, "limit", text)
}

// value shows a limit's value; numbers with commas.
func value(v any) string {
	switch v := v.(type) {
	case int:
		return Comma(int64(v))
	case int64:
		return Comma(v)
	case float64:
		if v == float64(int64(v)) {
			return Comma(int64(v))
		}
	case []any:
		parts := make([]string, 0, len(v))
		for _, x := range v {
			parts = append(parts, value(x))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}
