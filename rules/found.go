package rules

import (
	"slices"
	"strings"
	"sync"

	"postern/rules/facts"
	"postern/rules/guard"
)

// find makes the findings of those rules of a set, by their indexes, that need no OPA for it, and gives the rest of the rules. What
// is not certain to be what OPA would give is left to it, the errors too. The findings are appended to room.
func (e *Engine) find(set *ruleSet, some []int, f *facts.Facts, room []Finding) (found []Finding, rest []int) {
	found, rest = room, some[:0:0]
	made := foundRooms.Get().(*[]guard.Found)
	for _, i := range some {
		stated, ok := e.guards.program.Find(f, set.guards[i], (*made)[:0])
		if ok {
			*made = stated
			found, ok = e.adopt(set, set.rules[i], stated, found)
			clear(stated)
		}
		if !ok {
			rest = append(rest, i)
		}
	}
	if cap(*made) <= 1024 {
		foundRooms.Put(made)
	}
	return found, rest
}

var foundRooms = sync.Pool{New: func() any { return new([]guard.Found) }}

// adopt adds findings that a rule states to others, of many only those that are listed. It is false where decode would give an error,
// and where only OPA can tell which come first.
func (e *Engine) adopt(set *ruleSet, r *Rule, stated []guard.Found, found []Finding) ([]Finding, bool) {
	before := len(found)
	found = slices.Grow(found, len(stated))
	for i := range stated {
		rule := e.speaker(r, stated[i].Rule)
		if rule == nil {
			return found[:before], false
		}
		found = append(found, Finding{})
		f := &found[len(found)-1]
		switch {
		case !f.state(&stated[i]):
			return found[:before], false
		case rule.Enabled && (rule.Opaque || !set.opaque):
			rule.finish(f)
		default:
			found = found[:len(found)-1]
		}
	}
	if mine := found[before:]; len(mine) > maxFindings {
		sortFindings(mine)
		if ambiguous(mine) {
			return found[:before], false
		}
		found = append(found[:before], e.listed(mine)...)
	}
	return found, true
}

// few findings are sorted where they are.
const few = 12

// sortFindings sorts by compareFindings, moving little: findings are large.
func sortFindings(found []Finding) {
	for i := 1; i < len(found); i++ {
		at := i
		for at > 0 && compareFindings(&found[at-1], &found[i]) > 0 {
			at--
		}
		switch {
		case at == i:
		case len(found) > few:
			sortMany(found)
			return
		default:
			f := found[i]
			copy(found[at+1:i+1], found[at:i])
			found[at] = f
		}
	}
}

func sortMany(found []Finding) {
	order := make([]int32, len(found)) // by place, which of them belongs there
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return compareFindings(&found[a], &found[b]) })
	for i := range order {
		if order[i] == int32(i) {
			continue
		}
		// Those that take each other's places, up to the one that takes this one's.
		first, at := found[i], i
		for order[at] != int32(i) {
			from := int(order[at])
			found[at], order[at] = found[from], int32(at)
			at = from
		}
		found[at], order[at] = first, int32(at)
	}
}

// ambiguous tells that findings in order differ in what does not order them: OPA's order of sets does then.
func ambiguous(found []Finding) bool {
	for i := 1; i < len(found); i++ {
		a, b := &found[i-1], &found[i]
		if a.Message == b.Message && compareFindings(a, b) == 0 && (a.Temporary != b.Temporary || a.Value != b.Value || a.Limit != b.Limit) {
			return true
		}
	}
	return false
}

// state is decodeFinding for findings that a guard has made. f is empty before.
func (f *Finding) state(g *guard.Found) (ok bool) {
	f.Severity, f.Message, f.Remedy = Severity(g.Severity), clip(g.Message, maxMessage), clip(g.Remedy, maxMessage)
	f.Path, f.File, f.Value, f.Limit = clip(g.Path, maxMessage), clip(g.File, maxMessage), clipped(g.Value), clipped(g.Limit)
	f.Line, f.RetrySeconds, f.Temporary = g.Line, g.RetrySeconds, g.Temporary || g.RetrySeconds > 0
	return (severityRank(f.Severity) > 0 || !g.States(guard.KeySeverity)) && strings.TrimSpace(f.Message) != "" && f.Line >= 0 &&
		f.RetrySeconds >= 0 && f.RetrySeconds <= maxWindow
}

func clipped(v any) any {
	if s, ok := v.(string); ok && len(s) > maxMessage {
		return clip(s, maxMessage)
	}
	return v
}
