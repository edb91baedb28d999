package rules

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/rules/facts"
)

// withWindows gives a message a history in which nothing was sent.
func withWindows(f *facts.Facts, windows []time.Duration) *facts.Facts {
	f.History = &facts.History{}
	for _, w := range windows {
		f.History.Windows = append(f.History.Windows, facts.Window{Seconds: int64(w / time.Second)})
	}
	return f
}

func TestWindowsAreThoseOfTheLimits(t *testing.T) {
	alone(t)
	if w := newEngine(t, Options{}).Windows(); len(w) != 0 {
		t.Errorf("without history: %v", w)
	}
	e := newEngine(t, Options{History: true})
	want := []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour}
	if diff := cmp.Diff(want, e.Windows()); diff != "" {
		t.Error(diff)
	}
	e = newEngine(t, Options{History: true, Limits: map[string]map[string]any{"pair.batch_recipients": {"window_seconds": int64(77)}}})
	if diff := cmp.Diff([]time.Duration{time.Minute, 77 * time.Second, time.Hour, 24 * time.Hour}, e.Windows()); diff != "" {
		t.Error(diff)
	}
	e = newEngine(t, Options{History: true, Only: []string{"pair.batch_pace"}})
	if len(e.Windows()) != 0 {
		t.Errorf("a rule without a window: %v", e.Windows())
	}
	for _, bad := range []any{int64(0), int64(31*24*3600 + 1), 1.5} {
		_, err := New(t.Context(), Options{History: true, Limits: map[string]map[string]any{"bulk.campaign": {"window_seconds": bad}}})
		if err == nil || !strings.Contains(err.Error(), "limits.bulk.campaign.window_seconds") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// A history that lacks what the rules read must not pass for one in which nothing was sent.
func TestHistoryIsWhole(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{History: true, Only: []string{"pair.batch_recipients", "bulk.campaign"}})
	f := message()
	if v := e.Judge(t.Context(), f); v.Outcome != Unjudged || v.Reason != "what was sent before is not known" {
		t.Errorf("no history: %+v", v)
	}
	withWindows(f, e.Windows()[:1])
	if v := e.Judge(t.Context(), f); v.Outcome != Unjudged || v.Reason != "what was sent in the last 24h0m0s is not known" {
		t.Errorf("a window is missing: %+v", v)
	}
	withWindows(f, e.Windows())
	if v := e.Judge(t.Context(), f); v.Outcome != Pass || len(v.Skipped) != 0 {
		t.Errorf("nothing was sent: %+v", v)
	}
}

func TestSkippedWithoutLedger(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{Account: &Account{Username: "alice"}})
	var skipped []string
	for _, s := range e.Judge(t.Context(), message()).Skipped {
		if s.Reason != NoLedger || s.Remedy == "" {
			t.Errorf("%+v", s)
		}
		skipped = append(skipped, s.Rule)
	}
	if diff := cmp.Diff([]string{"bulk.campaign", "pair.batch_pace", "recipients.day", "recipients.hour"}, skipped); diff != "" {
		t.Error(diff)
	}
}

func TestRetry(t *testing.T) {
	e := newEngine(t, Options{History: true, Only: []string{"pair.batch_pace", "pair.batch_recipients", "pair.size_limit", "bulk.campaign"}})
	f := withWindows(message(), e.Windows())
	retry := func() (Verdict, time.Duration, bool) {
		v := e.Judge(t.Context(), f)
		wait, ok := e.Retry(v)
		return v, wait, ok
	}
	if v, wait, ok := retry(); v.Outcome != Pass || ok || wait != 0 {
		t.Errorf("a pass: %v %v", wait, ok)
	}
	since := int64(1200)
	f.History.SinceLastMS = &since
	if v, wait, ok := retry(); v.Outcome != Fail || !v.Findings[0].Temporary || !ok || wait != 2*time.Second {
		t.Errorf("too fast: %v %v %+v", wait, ok, v.Findings)
	}
	sent := &f.History.Windows[0]
	sent.Account = facts.Counts{Messages: 26, Addresses: 26, Later: []facts.Later{{Seconds: 30, Addresses: 26}, {Seconds: 40, Addresses: 25}}}
	if v, wait, ok := retry(); len(v.Findings) != 2 || !ok || wait != 40*time.Second {
		t.Errorf("the longest time counts: %v %v %+v", wait, ok, v.Findings)
	}
	f.Size.DataBytes = 41943041
	if v, wait, ok := retry(); v.Outcome != Fail || ok || wait != 0 {
		t.Errorf("what never passes: %v %v %+v", wait, ok, v.Findings)
	}
}

// Users' rules can say that what they find is temporary, and when it is over; anything else there is an error.
func TestTemporaryFindings(t *testing.T) {
	alone(t)
	rule := func(meta, keys string) []Module {
		return []Module{{Name: "own.rego", Source: `# METADATA
# scope: package
# title: Not on Sundays
# custom:
#   severity: error
#   remedy: Send it on Monday.
` + meta + `package custom.postern.rules.house.sunday

findings contains {"message": "it is Sunday"` + keys + `} if input.size.stored_bytes > 0
`}}
	}
	for _, c := range []struct {
		meta, keys string
		temporary  bool
		seconds    int64
		unjudged   string
	}{
		{"", "", false, 0, ""},
		{"#   temporary: true\n", "", true, 0, ""},
		{"", `, "temporary": true`, true, 0, ""},
		{"", `, "retry_seconds": 60`, true, 60, ""},
		{"", `, "retry_seconds": "soon"`, false, 0, "not a number of seconds"},
		{"", `, "retry_seconds": -1`, false, 0, "not a number of seconds"},
		{"", `, "temporary": "yes"`, false, 0, "neither true nor false"},
	} {
		e := newEngine(t, Options{Only: []string{"house.sunday"}, Policies: rule(c.meta, c.keys)})
		v := e.Judge(t.Context(), message())
		if c.unjudged != "" {
			if v.Outcome != Unjudged || !strings.Contains(v.Reason, c.unjudged) {
				t.Errorf("%q: %+v", c.keys, v)
			}
			continue
		}
		if v.Outcome != Fail || v.Findings[0].Temporary != c.temporary || v.Findings[0].RetrySeconds != c.seconds {
			t.Errorf("%q %q: %+v", c.meta, c.keys, v)
		}
	}
}
