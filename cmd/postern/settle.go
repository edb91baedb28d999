package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/cmd/internal/mailbox"
	"postern/cmd/internal/report"
	"postern/cmd/internal/template"
	"postern/rules"
	"postern/rules/facts"
)

// made is a message that was made from a template, and how its files are called.
type made struct {
	*template.Rendered
	show func(file string) string
	// opaque tells that the template was not rendered: words stand for its values.
	opaque bool
}

// invented tells whether a finding is about what only stands for a value, or about the header that was put before a body.
func (m *made) invented(f *rules.Finding) bool {
	if strings.Contains(f.Message, template.OpaqueHost) {
		return true
	}
	if f.File != "" {
		return false // it points to the template itself
	}
	_, _, exact := m.Source(f.Path, f.Line)
	return m.Kind != "message" && f.Line > 0 && !exact
}

// prepare makes the message that is to be judged where m is a template, and gives nil where it is mail. m then has the
// octets of that message, and opts say what it is.
func (j *judge) prepare(ctx context.Context, m *mailbox.Message, opts *facts.Options) (*made, error) {
	from := &made{show: func(file string) string { return file }}
	var source []byte
	var err error
	switch {
	case m.Reader == nil:
		from.Rendered, source, err = j.templates.render(ctx, m.Name)
		from.show, opts.Origin = j.templates.show, facts.OriginTemplate
	case j.recognise:
		from.Rendered, source, err = recognise(m)
		if j.envelope != nil && from.Rendered != nil && from.Kind == "message" {
			return nil, nil // it is on its way: what looks like a placeholder in it stands for nothing
		}
		from.show = func(string) string { return m.Path }
		opts.Opaque, from.opaque = from.Rendered != nil, true
	}
	if err != nil || from.Rendered == nil {
		return nil, err
	}
	for _, v := range from.Variables {
		opts.Variables = append(opts.Variables, facts.Variable{
			Name: v.Name, File: from.show(v.File), Line: v.Line,
			Undeclared: v.Undeclared, Default: v.Default, Guarded: v.Guarded, HasDefault: v.HasDefault,
		})
	}
	m.Reader, m.Size, m.Source = bytes.NewReader(from.Message), int64(len(from.Message)), source
	return from, nil
}

// templateHint says what can be done about a template of which no message could be made.
func templateHint(err error) string {
	var data *template.DataError
	switch {
	case errors.Is(err, errNoTemplate):
		return "to have it made into a message, add it to templates in postern.yaml"
	case errors.As(err, &data):
		return "sample data is a mapping from names to values, as JSON or YAML"
	}
	var engine *template.EngineError
	if !errors.As(err, &engine) {
		return ""
	}
	switch text := engine.Message; {
	case strings.Contains(text, "under functions"):
		return "" // it says so itself
	case strings.Contains(text, "undefined: the data has no"):
		return "correct the name in the template, or add it to the sample data"
	case strings.Contains(text, "undefined"):
		return "correct the template, or make the sample data like what the sending program hands over"
	case strings.Contains(text, "is not in \""):
		return "correct the name, or name the directory that the file lies in under includes in postern.yaml"
	case engine.Line > 0 && engine.Engine != "command":
		return "what the engine does not understand stands on that line or before it"
	}
	return ""
}

// settle puts the verdict about a message that was made from a template into terms of the template: lines are those of the
// files that it was made from, and rules that look for what only the sending program adds are skipped.
func (j *judge) settle(it *report.Item, from *made) {
	v := &it.Verdict
	v.Findings = slices.DeleteFunc(v.Findings, func(f rules.Finding) bool {
		s, absent := addedLater(f.Rule, from.Absent)
		if !absent && from.opaque && from.invented(&f) {
			s = rules.Skipped{Rule: f.Rule, Reason: "the message is a template; its values are not known", Remedy: "give sample data in postern.yaml"}
			absent = true
		}
		if absent && !slices.Contains(v.Skipped, s) {
			v.Skipped = append(v.Skipped, s)
		}
		return absent
	})
	if v.Outcome == rules.Fail && !slices.ContainsFunc(v.Findings, func(f rules.Finding) bool { return j.engine.Fails(f.Severity) }) {
		v.Outcome = rules.Pass
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		if f.File != "" {
			if f.File == it.Path {
				f.File = ""
			}
			continue
		}
		file, line, exact := from.Source(f.Path, f.Line)
		if shown := from.show(file); shown != it.Path {
			f.File = shown
		}
		switch {
		case f.Line <= 0:
		case exact:
			f.Line = line
		default:
			f.Message += fmt.Sprintf(" (line %d of the rendered message)", f.Line)
			f.Line = 0
		}
	}
}

// laterRules are the rules that look for a header field which programs add when they send.
var laterRules = map[string]struct{ field, key string }{
	"rfc.from_missing":    {"From", "from"},
	"rfc.subject_missing": {"Subject", "subject"},
}

// addedLater tells whether a rule's finding is about a field that neither the template nor its entry in postern.yaml states.
func addedLater(rule string, absent []string) (rules.Skipped, bool) {
	later, ok := laterRules[rule]
	if !ok || !slices.Contains(absent, later.field) {
		return rules.Skipped{}, false
	}
	return rules.Skipped{
		Rule: rule, Reason: "the template does not say what the field " + later.field + " will be",
		Remedy: "add " + later.key + " to its entry under templates in postern.yaml",
	}, true
}
