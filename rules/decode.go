package rules

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	// maxFindings bounds the findings of one rule on one message; a last one gives their number.
	maxFindings = 50
	// maxMessage bounds a finding's message and other texts, in octets: they can quote the message that is judged.
	maxMessage = 2000
)

// decode joins what some rules of a set have found, by their indexes, with what they say of themselves. A finding of the wrong
// shape is an error, because what its rule meant to say is not known.
func (e *Engine) decode(set *ruleSet, some []int, terms []*ast.Term) ([]Finding, error) {
	all := []Finding{}
	for at, i := range some {
		r := set.rules[i]
		if terms[at] == nil {
			return nil, fmt.Errorf("rule %s: it gave no result", r.ID)
		}
		found, ok := terms[at].Value.(ast.Set)
		if !ok {
			return nil, fmt.Errorf("rule %s: its findings are no set", r.ID)
		}
		list := make([]Finding, 0, found.Len())
		err := found.Iter(func(t *ast.Term) error {
			f, id, err := decodeFinding(t.Value)
			if err != nil {
				return fmt.Errorf("rule %s: finding %s: %w", r.ID, clip(t.String(), 200), err)
			}
			rule := e.speaker(r, id)
			if rule == nil {
				return fmt.Errorf("rule %s: finding %s: unknown key \"rule\"", r.ID, clip(t.String(), 200))
			}
			if rule.Enabled && (rule.Opaque || !set.opaque) {
				rule.finish(&f)
				list = append(list, f)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		all = append(all, e.listed(list)...)
	}
	sortFindings(all)
	return all, nil
}

// speaker is the rule that a finding of r is of: that of a row of the problem table where the finding names one. It is nil where
// it must not.
func (e *Engine) speaker(r *Rule, id string) *Rule {
	switch {
	case id == "":
		return r
	case r.ID != problemRule:
		return nil
	}
	return e.byID[id]
}

// listed cuts what one rule of a set has found to what is listed.
func (e *Engine) listed(found []Finding) []Finding {
	if len(found) <= maxFindings {
		return found // of no rule there are too many
	}
	per := map[string][]Finding{}
	for _, f := range found {
		per[f.Rule] = append(per[f.Rule], f)
	}
	var all []Finding
	for id, findings := range per {
		all = append(all, e.byID[id].limited(findings)...)
	}
	return all
}

// finish gives a finding what its rule says of itself. The user's severity counts above the rule's, also where the rule gives
// one to a single finding.
func (r *Rule) finish(f *Finding) {
	f.Rule, f.Title, f.Clause = r.ID, r.Title, r.Clause
	if f.Severity == "" || r.configured {
		f.Severity = r.Severity
	}
	if f.Remedy == "" {
		f.Remedy = r.Remedy
	}
	f.Temporary = f.Temporary || r.Temporary
}

// limited cuts the findings of one rule to the first maxFindings, gravest first, and says how many there are.
func (r *Rule) limited(findings []Finding) []Finding {
	if len(findings) <= maxFindings {
		return findings
	}
	sortFindings(findings)
	total := len(findings)
	last := Finding{
		Severity: findings[0].Severity, Value: int64(total), Limit: int64(maxFindings),
		Message: fmt.Sprintf("%d findings of this rule, of which %d are listed", total, maxFindings),
	}
	r.finish(&last)
	return append(findings[:maxFindings:maxFindings], last)
}

// compareFindings orders findings: gravest first, then by rule, file, line and message. The rest makes the order complete.
func compareFindings(a, b *Finding) int {
	if c := severityRank(b.Severity) - severityRank(a.Severity); c != 0 {
		return c
	}
	if c := strings.Compare(a.Rule, b.Rule); c != 0 {
		return c
	}
	if c := cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Message, b.Message)); c != 0 {
		return c
	}
	return cmp.Or(
		strings.Compare(a.Path, b.Path),
		strings.Compare(fmt.Sprint(a.Value), fmt.Sprint(b.Value)),
		strings.Compare(fmt.Sprint(a.Limit), fmt.Sprint(b.Limit)),
		strings.Compare(a.Remedy, b.Remedy),
		cmp.Compare(a.RetrySeconds, b.RetrySeconds),
	)
}

// decodeFinding reads one finding strictly. id is that of a row of the problem table, "" for all other rules.
func decodeFinding(v ast.Value) (f Finding, id string, err error) {
	o, ok := v.(ast.Object)
	if !ok {
		return f, "", errors.New("not an object")
	}
	err = o.Iter(func(k, v *ast.Term) error {
		key, ok := k.Value.(ast.String)
		if !ok {
			return fmt.Errorf("key %s is no text", clip(k.String(), 80))
		}
		var err error
		switch key {
		case "message":
			f.Message, err = findingText(v.Value)
		case "remedy":
			f.Remedy, err = findingText(v.Value)
		case "path":
			f.Path, err = findingText(v.Value)
		case "file":
			f.File, err = findingText(v.Value)
		case "rule":
			id, err = findingText(v.Value)
		case "severity":
			var s string
			s, err = findingText(v.Value)
			if f.Severity = Severity(s); err == nil && severityRank(f.Severity) == 0 {
				err = fmt.Errorf("%q is none of error, warning, info", s)
			}
		case "line":
			f.Line, err = findingLine(v.Value)
		case "temporary":
			b, ok := v.Value.(ast.Boolean)
			if f.Temporary = bool(b); !ok {
				err = errors.New("neither true nor false")
			}
		case "retry_seconds":
			f.RetrySeconds, err = findingSeconds(v.Value)
		case "value":
			f.Value, err = findingValue(v.Value)
		case "limit":
			f.Limit, err = findingValue(v.Value)
		default:
			return fmt.Errorf("unknown key %s; a finding has a message, and may have severity, line, path, value, limit, remedy, file, temporary "+
				"and retry_seconds", k)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err == nil && strings.TrimSpace(f.Message) == "" {
		err = errors.New("no message")
	}
	f.Temporary = f.Temporary || f.RetrySeconds > 0
	return f, id, err
}

func findingText(v ast.Value) (string, error) {
	s, ok := v.(ast.String)
	if !ok {
		return "", errors.New("not a text")
	}
	return clip(string(s), maxMessage), nil
}

func findingLine(v ast.Value) (int64, error) {
	if n, ok := v.(ast.Number); ok {
		if i, ok := n.Int64(); ok && i >= 0 {
			return i, nil
		}
	}
	return 0, errors.New("not a line number")
}

func findingSeconds(v ast.Value) (int64, error) {
	if n, ok := v.(ast.Number); ok {
		if i, ok := n.Int64(); ok && i >= 0 && i <= maxWindow {
			return i, nil
		}
	}
	return 0, errors.New("not a number of seconds")
}

// findingValue accepts a number, a text or null.
func findingValue(v ast.Value) (any, error) {
	switch v := v.(type) {
	case ast.Null:
		return nil, nil
	case ast.String:
		return findingText(v)
	case ast.Number:
		if i, ok := v.Int64(); ok {
			return i, nil
		}
		if x, ok := v.Float64(); ok {
			return x, nil
		}
		return json.Number(clip(string(v), 80)), nil
	}
	return nil, errors.New("neither a number nor a text nor null")
}

// clip cuts s to at most n octets, at a character's end.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-3], "") + "…"
}
