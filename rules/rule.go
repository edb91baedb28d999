package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/rules/pattern"

	"github.com/open-policy-agent/opa/v1/ast"
	"go.yaml.in/yaml/v3"
)

// Input is what a rule is evaluated over.
type Input string

// The inputs.
const (
	InputMessage  Input = "message"
	InputSettings Input = "settings"
)

// Rule is what a rule says of itself, with the options applied.
type Rule struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Severity    Severity `json:"severity"`
	// DefaultSeverity is the severity without the options.
	DefaultSeverity Severity `json:"default_severity"`
	// Opaque tells that what the rule finds in a template stays true for any value of its placeholders.
	Opaque bool `json:"opaque"`
	// Elevated is a graver severity that the rule itself gives to some findings, "" if there is none.
	Elevated   Severity `json:"elevated,omitempty"`
	Clause     Clause   `json:"clause"`
	Remedy     string   `json:"remedy"`
	References []string `json:"references"` // addresses of pages
	Requires   []string `json:"requires"`   // "account", "history"
	Input      Input    `json:"input"`
	// Temporary tells that what the rule finds passes with time: the same message can be sent later.
	Temporary bool    `json:"temporary"`
	Limits    []Limit `json:"limits"`
	// Origin is "built-in", or the file of a user's rule.
	Origin string `json:"origin"`
	// Fields are the header fields, in lower case, that a finding without a line can be about. It gets the line of the one that the message
	// has; where the message has several of them, none.
	Fields []string `json:"-"`
	// Enabled is false for a rule that Options.Disabled, Options.Only or the provider leaves out.
	Enabled bool `json:"enabled"`

	configured bool   // Severity is the user's
	ref        string // of the findings, "" for a row of the problem table
}

// lacks says what the rule cannot be applied without and the options do not have, nil if there is nothing.
func (r *Rule) lacks(o Options) *Skipped {
	switch {
	case slices.Contains(r.Requires, "account") && o.Account == nil:
		return &Skipped{Rule: r.ID, Reason: "no account", Remedy: "postern init"}
	case slices.Contains(r.Requires, "history") && !o.History:
		return &Skipped{Rule: r.ID, Reason: NoLedger, Remedy: "they apply to mail that is being sent, and to postern plan"}
	}
	return nil
}

// NoLedger is the reason why rules on what was sent before are skipped.
const NoLedger = "no ledger"

// Category is the part of the id before the dot.
func (r *Rule) Category() string {
	category, _, _ := strings.Cut(r.ID, ".")
	return category
}

// ruleDoc is the custom part of a rule's annotations.
type ruleDoc struct {
	Severity Severity `yaml:"severity"`
	Clause   string   `yaml:"clause"`
	Remedy   string   `yaml:"remedy"`
	Requires []string `yaml:"requires"`
	Input    Input    `yaml:"input"`
	Opaque   bool     `yaml:"opaque"`
	Fields   []string `yaml:"fields"`
	// Temporary is as in Rule.
	Temporary bool                `yaml:"temporary"`
	Limits    map[string]limitDoc `yaml:"limits"`
}

// describe reads a rule's annotations. What a report needs must be there: title, severity and remedy.
func describe(m *module, clauses map[string]Clause) (*Rule, error) {
	at := fmt.Sprintf("%s:%d", m.file, m.parsed.Package.Location.Row)
	var a *ast.Annotations
	for _, x := range m.parsed.Annotations {
		if x.Scope == "package" {
			a = x
		}
	}
	if a == nil {
		return nil, fmt.Errorf("%s: %s has no annotations: a comment block \"METADATA\" with \"scope: package\" before the package gives "+
			"title, custom.severity and custom.remedy", at, m.id)
	}
	doc, err := readRuleDoc(a.Custom)
	if err != nil {
		return nil, fmt.Errorf("%s: annotations of %s: custom: %w", at, m.id, err)
	}
	r := &Rule{
		ID: m.id, Title: a.Title, Description: strings.TrimSpace(a.Description), Severity: doc.Severity,
		DefaultSeverity: doc.Severity, Remedy: strings.TrimSpace(doc.Remedy), Requires: doc.Requires, Input: doc.Input, Opaque: doc.Opaque,
		Temporary:  doc.Temporary,
		References: []string{}, Limits: []Limit{}, Origin: "built-in", ref: m.parsed.Package.Path.String() + ".findings",
	}
	if m.custom {
		r.Origin = m.file
	}
	if r.Requires == nil {
		r.Requires = []string{}
	}
	if r.Input == "" {
		r.Input = InputMessage
	}
	for _, name := range doc.Fields {
		r.Fields = append(r.Fields, strings.ToLower(name))
	}
	for _, ref := range a.RelatedResources {
		r.References = append(r.References, ref.Ref.String())
	}
	for name, d := range doc.Limits {
		l, err := d.limit(name)
		if err != nil {
			return nil, fmt.Errorf("%s: annotations of %s: %w", at, m.id, err)
		}
		r.Limits = append(r.Limits, l)
	}
	slices.SortFunc(r.Limits, func(a, b Limit) int { return strings.Compare(a.Name, b.Name) })
	switch {
	case r.Title == "":
		err = fmt.Errorf("no title")
	case severityRank(r.Severity) == 0:
		err = fmt.Errorf("custom.severity %q is none of error, warning, info", r.Severity)
	case r.Remedy == "":
		err = fmt.Errorf("no custom.remedy")
	case r.Input != InputMessage && r.Input != InputSettings:
		err = fmt.Errorf("custom.input %q is neither message nor settings", r.Input)
	case len(doc.Limits) > 0 && !m.custom:
		err = fmt.Errorf("the limits of built-in rules are in limits.yaml")
	default:
		for _, need := range r.Requires {
			if need != "account" && need != "history" {
				err = fmt.Errorf("custom.requires knows only account and history, not %q", need)
			}
		}
	}
	if err == nil {
		r.Clause, err = resolveClause(doc.Clause, r.References, clauses)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: annotations of %s: %w", at, m.id, err)
	}
	return r, nil
}

// readRuleDoc reads the custom annotations strictly: a mistyped "requires" must not be lost.
func readRuleDoc(custom map[string]any) (ruleDoc, error) {
	var doc ruleDoc
	if len(custom) == 0 {
		return doc, nil
	}
	raw, err := yaml.Marshal(custom)
	if err != nil {
		return doc, err
	}
	if err := decodeYAML(raw, &doc); err != nil {
		// Lines of what was just written tell nobody anything.
		text := ruleDocLine().ReplaceAllString(err.Error(), "")
		if strings.Contains(text, "unknown key") {
			text += "; there are severity, clause, remedy, requires, input, opaque, fields, temporary and limits"
		}
		return doc, errors.New(text)
	}
	return doc, nil
}

var ruleDocLine = pattern.Of(`\bline \d+: `)

var (
	packClause = pattern.Of(`^[a-z0-9_]+/[a-z0-9_]+$`)
	rfcClause  = pattern.Of(`^RFC (\d+)(?: section ([0-9]+(?:\.[0-9]+)*|[A-Z](?:\.[0-9]+)*))?`)
)

// resolveClause finds the clause that an annotation names. "pack/key" is a sentence of clauses.yaml; anything else stands for
// itself, and its source is the RFC that it begins with or else the first reference.
func resolveClause(name string, references []string, clauses map[string]Clause) (Clause, error) {
	name = strings.TrimSpace(name)
	if packClause().MatchString(name) {
		c, ok := clauses[name]
		if !ok {
			keys := make([]string, 0, len(clauses))
			for k := range clauses {
				keys = append(keys, k)
			}
			return c, fmt.Errorf("custom.clause: no clause %s%s", name, nearest(name, keys))
		}
		return c, nil
	}
	c := Clause{Text: name}
	if m := rfcClause().FindStringSubmatch(name); m != nil {
		c.Source = "https://www.rfc-editor.org/rfc/rfc" + m[1]
		if section := m[2]; section != "" && section[0] <= '9' {
			c.Source += "#section-" + section
		} else if section != "" {
			c.Source += "#appendix-" + section
		}
	} else if len(references) > 0 {
		c.Source = references[0]
	}
	return c, nil
}

// severityRank orders severities: the graver the greater, 0 for what is none.
func severityRank(s Severity) int {
	switch s {
	case SeverityError:
		return 3
	case SeverityWarning:
		return 2
	case SeverityInfo:
		return 1
	}
	return 0
}
