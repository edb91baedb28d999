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
	found, rest = []Finding{}, some[:0]
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

// adopt adds findings that a rule states to others. It is false where decode would give an error or where their order would
// be that of OPA's sets.
func (e *Engine) adopt(set *ruleSet, r *Rule, stated []guard.Found, all []Finding) ([]Finding, bool) {
	before := len(all)
	for i := range stated {
		f, ok := asStated(&stated[i])
		rule := e.speaker(r, stated[i].Rule)
		if !ok || rule == nil {
			return all[:before], false
		}
		if rule.Enabled && (rule.Opaque || !set.opaque) {
			all = append(all, rule.finish(f))
		}
	}
	mine := all[before:]
	slices.SortFunc(mine, compareFindings)
	for i := 1; i < len(mine); i++ {
		if a, b := &mine[i-1], &mine[i]; compareFindings(*a, *b) == 0 && (a.Temporary != b.Temporary || a.Value != b.Value || a.Limit != b.Limit) {
			return all[:before], false
		}
	}
	return append(all[:before], e.listed(mine)...), true
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
