package rules

import (
	"slices"
	"strings"

	"postern/rules/facts"
	"postern/rules/guard"
)

// find makes the findings of those rules of a set, by their indexes, that need no OPA for it, and gives the rest of the rules. What
// is not certain to be what OPA would give is left to it, the errors too.
func (e *Engine) find(set *ruleSet, some []int, f *facts.Facts) (found []Finding, rest []int) {
	found, rest = []Finding{}, some[:0:0]
	var room [8]guard.Found
	for _, i := range some {
		stated, ok := e.guards.program.Find(f, set.guards[i], room[:0])
		if ok {
			found, ok = e.adopt(set, set.rules[i], stated, found)
		}
		if !ok {
			rest = append(rest, i)
		}
	}
	return found, rest
}

// adopt adds findings that a rule states to others. It is false where decode would give an error, and where it would list only
// those that come first.
func (e *Engine) adopt(set *ruleSet, r *Rule, stated []guard.Found, found []Finding) ([]Finding, bool) {
	if len(stated) > maxFindings {
		return found, false
	}
	before := len(found)
	found = slices.Grow(found, len(stated))
	for i := range stated {
		f, ok := asStated(&stated[i])
		rule := e.speaker(r, stated[i].Rule)
		if !ok || rule == nil {
			return found[:before], false
		}
		if rule.Enabled && (rule.Opaque || !set.opaque) {
			found = append(found, rule.finish(f))
		}
	}
	return found, true
}

// sortFindings sorts by compareFindings, moving little: findings are large.
func sortFindings(found []Finding) {
	inOrder := true
	for i := 1; i < len(found) && inOrder; i++ {
		inOrder = compareFindings(&found[i-1], &found[i]) <= 0
	}
	if inOrder {
		return
	}
	sorted := make([]*Finding, len(found))
	for i, f := range slices.Clone(found) {
		sorted[i] = &f
	}
	slices.SortStableFunc(sorted, compareFindings)
	for i, f := range sorted {
		found[i] = *f
	}
}

// ambiguous tells that findings in order differ in what does not order them: OPA's order of sets does then.
func ambiguous(found []Finding) bool {
	for i := 1; i < len(found); i++ {
		a, b := &found[i-1], &found[i]
		if compareFindings(a, b) == 0 && (a.Temporary != b.Temporary || a.Value != b.Value || a.Limit != b.Limit) {
			return true
		}
	}
	return false
}

// asStated is decodeFinding for findings that a guard has made.
func asStated(g *guard.Found) (f Finding, ok bool) {
	f = Finding{
		Severity: Severity(g.Severity), Message: clip(g.Message, maxMessage), Remedy: clip(g.Remedy, maxMessage), Path: clip(g.Path, maxMessage),
		File: clip(g.File, maxMessage), Value: clipped(g.Value), Limit: clipped(g.Limit), Line: g.Line, RetrySeconds: g.RetrySeconds,
		Temporary: g.Temporary || g.RetrySeconds > 0,
	}
	ok = (severityRank(f.Severity) > 0 || !g.States(guard.KeySeverity)) && strings.TrimSpace(f.Message) != "" && f.Line >= 0 &&
		f.RetrySeconds >= 0 && f.RetrySeconds <= maxWindow
	return f, ok
}

func clipped(v any) any {
	if s, ok := v.(string); ok && len(s) > maxMessage {
		return clip(s, maxMessage)
	}
	return v
}
