package rules

import (
	"fmt"
	"slices"
	"time"

	"postern/rules/facts"
)

const (
	// windowLimit is the name of the limit that says over how long a rule counts. The history of a message has such a window.
	windowLimit = "window_seconds"
	// maxWindow is the longest window that a ledger keeps, in seconds.
	maxWindow = 31 * 24 * 3600
	// maxWindows bounds how many windows the rules can ask for.
	maxWindows = 32
)

// Windows are the lengths of the windows that the history of a message must have: one for each window_seconds among the limits
// of the rules that are applied, shortest first. There are none without Options.History.
func (e *Engine) Windows() []time.Duration { return slices.Clone(e.windows) }

func windowsOf(list []*Rule) ([]time.Duration, error) {
	var all []time.Duration
	for _, r := range list {
		for _, l := range r.Limits {
			if l.Name != windowLimit {
				continue
			}
			n, ok := asFloat(l.Value)
			if !ok || n != float64(int64(n)) || n < 1 || n > maxWindow {
				return nil, fmt.Errorf("limits.%s.%s: %v is no length of a window (write whole seconds, 1 to %d)", r.ID, windowLimit, l.Value, maxWindow)
			}
			all = append(all, time.Duration(n)*time.Second)
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) > maxWindows {
		return nil, fmt.Errorf("the rules count over %d different windows, more than %d", len(all), maxWindows)
	}
	return all, nil
}

// lacksHistory says why the rules on history could not be trusted to find anything: a window that is not there is undefined in
// Rego, and undefined passes.
func (e *Engine) lacksHistory(f *facts.Facts) string {
	if !e.history || f.Opaque {
		return ""
	}
	if f.History == nil {
		return "what was sent before is not known"
	}
	for _, w := range e.windows {
		if !slices.ContainsFunc(f.History.Windows, func(x facts.Window) bool { return time.Duration(x.Seconds)*time.Second == w }) {
			return fmt.Sprintf("what was sent in the last %s is not known", w)
		}
	}
	return ""
}

// Retry tells whether a message that fails could pass later, and after how long. It is so when every finding that fails it is
// temporary. The time is what the history says now: others may send before, so the message is to be judged again then.
func (e *Engine) Retry(v Verdict) (wait time.Duration, temporary bool) {
	if v.Outcome != Fail {
		return 0, false
	}
	for _, f := range v.Findings {
		if severityRank(f.Severity) < e.failOn {
			continue
		}
		if !f.Temporary {
			return 0, false
		}
		wait, temporary = max(wait, time.Duration(f.RetrySeconds)*time.Second), true
	}
	return wait, temporary
}
