package rules

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/rules/facts"
)

// message gives facts that pair.size_limit does not speak about.
func message() *facts.Facts {
	f := facts.New(facts.KindMessage)
	f.Size.StoredBytes, f.Size.WireBytes, f.Size.DataBytes = 100, 104, 104
	return f
}

func newEngine(t testing.TB, o Options) *Engine {
	t.Helper()
	if o.Guards == GuardsLater {
		o.Guards = GuardsVerify
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute // the machine may be busy
	}
	e, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestJudgeJoinsWhatTheRuleSaysOfItself(t *testing.T) {
	e := newEngine(t, Options{Only: []string{"pair.size_limit"}})
	f := message()
	f.Size.DataBytes = 41943040
	if v := e.Judge(t.Context(), f); v.Outcome != Pass || len(v.Findings) != 0 || v.Findings == nil || v.Skipped == nil {
		t.Errorf("at the limit: %+v", v)
	}
	f.Size.DataBytes = 41943041
	v := e.Judge(t.Context(), f)
	if v.Outcome != Fail || len(v.Findings) != 1 {
		t.Fatalf("one octet over: %+v", v)
	}
	got := v.Findings[0]
	if got.Remedy == "" {
		t.Error("no remedy")
	}
	got.Remedy = ""
	want := Finding{
		Rule: "pair.size_limit", Severity: SeverityError, Title: "Message is over every reading of the size limit",
		Message: "41943041 octets on the wire, the largest reading of 40 MB is 41943040", Value: int64(41943041), Limit: int64(41943040),
		Clause: Clause{
			Text: "the file size limit when sending mail is 40 MB. This limit is for the message body and the sum of all attachments " +
				"in their encoded state.",
			Source: "https://www.pair.com/support/kb/smtp-service-at-pair-networks/", Read: "2026-11-23",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a user can set, each seen by its effect on one message.
func TestOptions(t *testing.T) {
	alone(t)
	over := message()
	over.Size.DataBytes = 41943041
	only := []string{"pair.size_limit"}
	for name, c := range map[string]struct {
		o    Options
		want Outcome
		n    int
	}{
		"as it is":                {Options{Only: only}, Fail, 1},
		"limit raised":            {Options{Only: only, Limits: map[string]map[string]any{"pair.size_limit": {"largest_bytes": 50000000}}}, Pass, 0},
		"limit, dotted id":        {Options{Only: only, Limits: map[string]map[string]any{"pair.size.limit": {"largest_bytes": 5e7}}}, Pass, 0},
		"server's number":         {Options{Only: only, ServerSize: 41943041}, Pass, 0},
		"only, dotted id":         {Options{Only: []string{"pair.size.limit"}}, Fail, 1},
		"warning":                 {Options{Only: only, Severities: map[string]Severity{"pair.size_limit": SeverityWarning}}, Pass, 1},
		"warning, fail on it":     {Options{Only: only, Severities: map[string]Severity{"pair.size_limit": SeverityWarning}, FailOn: SeverityWarning}, Fail, 1},
		"info, fail on warning":   {Options{Only: only, Severities: map[string]Severity{"pair.size_limit": SeverityInfo}, FailOn: SeverityWarning}, Pass, 1},
		"info, fail on info":      {Options{Only: only, Severities: map[string]Severity{"pair.size_limit": SeverityInfo}, FailOn: SeverityInfo}, Fail, 1},
		"another rule of the two": {Options{Only: []string{"pair.size_limit", "rfc.nul"}, Disabled: []string{"pair.size.limit"}}, Pass, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v := newEngine(t, c.o).Judge(t.Context(), over)
			if v.Outcome != c.want || len(v.Findings) != c.n {
				t.Errorf("got %s with %d findings, want %s with %d: %+v", v.Outcome, len(v.Findings), c.want, c.n, v)
			}
		})
	}
}

func TestProviderNone(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{Provider: "none"})
	for _, r := range e.Rules() {
		if r.Category() == "pair" && r.Enabled {
			t.Errorf("%s is enabled without the provider", r.ID)
		}
	}
	for _, s := range e.Judge(t.Context(), message()).Skipped {
		if strings.HasPrefix(s.Rule, "pair.") {
			t.Errorf("%s is listed as skipped", s.Rule)
		}
	}
}

// Options that name what does not exist are errors with a hint, all of them at once.
func TestOptionsThatDoNotExist(t *testing.T) {
	alone(t)
	account := &Account{Username: "alice"}
	for name, c := range map[string]struct {
		o    Options
		says []string
	}{
		"limits":          {Options{Limits: map[string]map[string]any{"pair.size_limt": {"x": 1}}}, []string{`limits: no rule "pair.size_limt" (do you mean pair.size_limit?)`}},
		"limit":           {Options{Limits: map[string]map[string]any{"pair.size_limit": {"largest_byte": 1}}}, []string{`no limit "largest_byte" (do you mean largest_bytes?)`}},
		"limit of text":   {Options{Limits: map[string]map[string]any{"pair.size_limit": {"largest_bytes": "40 MB"}}}, []string{`limits.pair.size_limit.largest_bytes: it is a number, not "40 MB" (write a number)`}},
		"limit of a list": {Options{Limits: map[string]map[string]any{"pair.size_limit": {"largest_bytes": []any{"\x1b[2J"}}}}, []string{"it is a number, not a list or a mapping"}},
		"limit of nil":    {Options{Limits: map[string]map[string]any{"pair.size_limit": {"largest_bytes": nil}}}, []string{"is a number"}},
		"limit below 0":   {Options{Limits: map[string]map[string]any{"pair.size_limit": {"largest_bytes": -1}}}, []string{"negative"}},
		"limit of none":   {Options{Limits: map[string]map[string]any{"rfc.nul": {"most": 1}}}, []string{"rfc.nul: the rule has no limits"}},
		"severities":      {Options{Severities: map[string]Severity{"rfc.null": SeverityInfo}}, []string{"rfc.nul?"}},
		"severity":        {Options{Severities: map[string]Severity{"rfc.nul": "off"}}, []string{`"off" is none of error, warning, info`}},
		"disabled":        {Options{Disabled: []string{"rfc.nule"}}, []string{"disabled: no rule"}},
		"package": {Options{Policies: []Module{{"a.rego", "package custom.postern.rules.one"}}}, []string{
			"a.rego:1: package custom.postern.rules.one: a rule is package custom.postern.rules.<category>.<rule>"}},
		"only":         {Options{Only: []string{"size"}}, []string{"only: no rule"}},
		"two of them":  {Options{Only: []string{"a.b"}, Disabled: []string{"c.d"}}, []string{"only: no rule", "disabled: no rule"}},
		"nothing left": {Options{Only: []string{"rfc.nul"}, Disabled: []string{"rfc.nul"}}, []string{"no rule is left"}},
		"provider":     {Options{Provider: "pear"}, []string{"pear"}},
		"fail on":      {Options{FailOn: "never"}, []string{"never"}},
		"timeout":      {Options{Timeout: -1}, []string{"timeout"}},
		"server size":  {Options{ServerSize: -1, Account: account}, []string{"server size"}},
		"a file twice": {Options{Policies: []Module{{"a.rego", policy(`findings contains {"message": "x"} if true`)}, {"a.rego", "package b"}}}, []string{"twice"}},
		"a rule twice": {Options{Policies: []Module{{"a.rego", policy(`findings contains {"message": "x"} if true`)},
			{"b.rego", policy(`findings contains {"message": "x"} if true`)}}}, []string{"is taken by a rule of a.rego"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(t.Context(), c.o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("error does not say %q:\n%v", s, err)
				}
			}
		})
	}
}

func TestSkippedWithoutAccount(t *testing.T) {
	alone(t)
	source := strings.Replace(policy(`findings contains {"message": data.postern.account.username} if true`),
		"severity: error", "severity: error, requires: [account]", 1)
	o := Options{Policies: []Module{{"mine.rego", source}}, Only: []string{"mine.rule", "rfc.nul"}}
	v := newEngine(t, o).Judge(t.Context(), message())
	want := Verdict{Outcome: Pass, Findings: []Finding{}, Skipped: []Skipped{{Rule: "mine.rule", Reason: "no account", Remedy: "postern init"}}}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("without an account: %s", diff)
	}
	o.Account = &Account{Username: "alice"}
	v = newEngine(t, o).Judge(t.Context(), message())
	if len(v.Findings) != 1 || v.Findings[0].Message != "alice" || len(v.Skipped) != 0 {
		t.Errorf("with an account: %+v", v)
	}
}

func TestUnjudged(t *testing.T) {
	e := newEngine(t, Options{})
	empty, settings, newer := message(), facts.New(facts.KindSettings), message()
	empty.Size.StoredBytes = 0
	newer.SchemaVersion++
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, v := range map[string]Verdict{
		"the message is empty":      e.Judge(t.Context(), empty),
		"there are no facts":        e.Judge(t.Context(), nil),
		"not of a message":          e.Judge(t.Context(), settings),
		"version":                   e.Judge(t.Context(), newer),
		"stopped: context canceled": e.Judge(cancelled, message()),
		"no facts of settings":      e.JudgeSettings(t.Context(), message()),
		"no rule could be applied":  newEngine(t, Options{Only: []string{"rfc.nul"}}).JudgeSettings(t.Context(), settings),
	} {
		if v.Outcome != Unjudged || !strings.Contains(v.Reason, name) || v.Findings == nil || v.Skipped == nil {
			t.Errorf("want unjudged, %q; got %+v", name, v)
		}
	}
}

// At most 50 findings of a rule are listed, and one more says how many there are.
func TestManyFindings(t *testing.T) {
	alone(t)
	source := policy("findings contains {\"message\": sprintf(\"number %d\", [i]), \"line\": i} if some i in numbers.range(1, 51)")
	o := Options{Policies: []Module{{"mine.rego", source}}, Only: []string{"mine.rule"}}
	v := newEngine(t, o).Judge(t.Context(), message())
	if n := len(v.Findings); n != 51 {
		t.Fatalf("%d findings", n)
	}
	lines := map[int64]bool{}
	total := false
	for _, f := range v.Findings {
		lines[f.Line] = true
		total = total || f.Message == "51 findings of this rule, of which 50 are listed"
	}
	if !total || lines[51] || !lines[50] {
		t.Errorf("the total is missing, or not the first 50 are listed: %v", v.Findings)
	}
	source = strings.Replace(source, "51", "50", 1)
	o.Policies[0].Source = source
	if v := newEngine(t, o).Judge(t.Context(), message()); len(v.Findings) != 50 {
		t.Errorf("50 findings became %d", len(v.Findings))
	}
}

func TestOrderOfFindings(t *testing.T) {
	source := policy(`findings contains {"message": m, "line": l, "severity": s} if {
	some [s, l, m] in [["info", 1, "a"], ["error", 9, "b"], ["error", 9, "a"], ["warning", 1, "c"], ["error", 2, "z"]]
}`)
	f := message()
	f.Problems = []facts.Problem{{ID: "rfc.nul", Path: "1", Line: 1, Count: 1}}
	o := Options{Policies: []Module{{"mine.rego", source}}, Only: []string{"mine.rule", "rfc.nul"}}
	var got []string
	for _, f := range newEngine(t, o).Judge(t.Context(), f).Findings {
		got = append(got, fmt.Sprintf("%s %s %d %s", f.Severity, f.Rule, f.Line, f.Message))
	}
	want := []string{
		"error mine.rule 2 z", "error mine.rule 9 a", "error mine.rule 9 b", "error rfc.nul 1 There is an octet of value 0",
		"warning mine.rule 1 c", "info mine.rule 1 a",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The rows of the problem table are rules of their own.
func TestProblemTable(t *testing.T) {
	alone(t)
	f := message()
	f.Problems = []facts.Problem{
		{ID: "rfc.nul", Path: "1.2", Line: 7, Count: 3},
		{ID: "rfc.bcc_present", Path: "0", Line: 2, Count: 1, Detail: "x\x1b"},
		{ID: "rfc.never_heard_of", Path: "0", Line: 3, Count: 1},
	}
	rows := []string{"rfc.nul", "rfc.bcc_present", "rfc.problems"}
	summary := func(o Options, known bool) []string {
		f.Recipients.EnvelopeKnown = known
		if len(o.Only) == 0 {
			o.Only = rows
		}
		var all []string
		for _, f := range newEngine(t, o).Judge(t.Context(), f).Findings {
			all = append(all, fmt.Sprintf("%s %s %s %d: %s", f.Severity, f.Rule, f.Path, f.Line, f.Message))
		}
		return all
	}
	nul := "error rfc.nul 1.2 7: There is an octet of value 0 (3 times)"
	unknown := "error rfc.problems 0 3: unknown problem rfc.never_heard_of"
	bcc := ` rfc.bcc_present 0 2: There is a Bcc field: "x\x1b"`
	for name, c := range map[string]struct {
		got, want []string
	}{
		"without envelope":  {summary(Options{}, false), []string{nul, unknown, "info" + bcc}},
		"with envelope":     {summary(Options{}, true), []string{"error" + bcc, nul, unknown}},
		"severity":          {summary(Options{Severities: map[string]Severity{"rfc.bcc_present": SeverityWarning}}, true), []string{nul, unknown, "warning" + bcc}},
		"disabled":          {summary(Options{Disabled: []string{"rfc.nul"}}, false), []string{unknown, "info" + bcc}},
		"one row":           {summary(Options{Only: []string{"rfc.bcc_present"}}, false), []string{"info" + bcc}},
		"unknown only":      {summary(Options{Only: []string{"rfc.problems"}}, false), []string{unknown}},
		"unknown, disabled": {summary(Options{Disabled: []string{"rfc.problems"}}, false), []string{nul, "info" + bcc}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A user's rule has limits of its own, which the configuration can change like built-in ones.
func TestLimitsOfUsersRules(t *testing.T) {
	source := strings.Replace(policy(`findings contains {"message": "x", "limit": data.postern.limits.mine.rule.most} if true`),
		"severity: error", "severity: error, limits: {most: {value: 5, status: chosen, why: enough}}", 1)
	o := Options{Policies: []Module{{"mine.rego", source}}, Only: []string{"mine.rule"}}
	if v := newEngine(t, o).Judge(t.Context(), message()); len(v.Findings) != 1 || v.Findings[0].Limit != int64(5) {
		t.Errorf("%+v", v)
	}
	o.Limits = map[string]map[string]any{"mine.rule": {"most": 6}}
	e := newEngine(t, o)
	if v := e.Judge(t.Context(), message()); len(v.Findings) != 1 || v.Findings[0].Limit != int64(6) {
		t.Errorf("%+v", v)
	}
	for _, r := range e.Rules() {
		if r.ID == "mine.rule" {
			want := []Limit{{Name: "most", Value: 6, Default: 5, Status: "configured"}}
			if diff := cmp.Diff(want, r.Limits); diff != "" || r.Origin != "mine.rego" {
				t.Errorf("origin %s, limits %s", r.Origin, diff)
			}
		}
	}
}

// One engine serves many goroutines; each gets the verdict of its own message.
func TestManyGoroutines(t *testing.T) {
	e := newEngine(t, Options{})
	small, big := message(), message()
	big.Size.DataBytes, big.Size.BodyBytes = 60_000_000, 60_000_000
	wantSmall, wantBig := e.Judge(t.Context(), small), e.Judge(t.Context(), big)
	if reflect.DeepEqual(wantSmall, wantBig) {
		t.Fatal("the two messages have the same verdict")
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for range 25 {
				f, want := small, wantSmall
				if g%2 == 1 {
					f, want = big, wantBig
				}
				if got := e.Judge(t.Context(), f); !reflect.DeepEqual(got, want) {
					t.Errorf("got %+v, want %+v", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// An evaluation that cannot be stopped is left behind; when there are too many of them, no more are begun until they end.
func TestAbandonedEvaluations(t *testing.T) {
	// The longest built-in that is left: a regular expression over a text that the policy has made long.
	length := 700
	if raceDetector {
		length = 100 // takes as long
	}
	bomb := fmt.Sprintf("_a := concat(\"\", [x | some _ in numbers.range(1, %d); x := \"aaaaaaaaaaaaaaaa\"])\n\n"+
		"findings contains {\"message\": \"x\"} if {\n\tinput.header.fields == 1\n\tregex.match(\"((a{0,30}){0,30})b\", concat(\"\", [_a, _a, _a]))\n}", length)
	e := newEngine(t, Options{
		Policies: []Module{{"mine.rego", policy(bomb)}}, Only: []string{"mine.rule"}, Timeout: 50 * time.Millisecond,
	})
	f := message()
	f.Header.Fields = 1
	for range maxAbandoned {
		if v := e.Judge(t.Context(), f); v.Outcome != Unjudged {
			t.Fatalf("%+v", v)
		}
	}
	if n := e.abandoned.Load(); n == 0 {
		t.Log("the regular expression ended in time on this machine")
	} else if n == maxAbandoned {
		if v := e.Judge(t.Context(), message()); v.Outcome != Unjudged || !strings.Contains(v.Reason, "still running") {
			t.Errorf("with %d abandoned evaluations an innocent message gets %+v", n, v)
		}
	}
	for e.abandoned.Load() > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if v := e.Judge(t.Context(), message()); v.Outcome != Pass {
		t.Errorf("after they have ended an innocent message gets %+v", v)
	}
}

func TestRulesAreComplete(t *testing.T) {
	all := newEngine(t, Options{}).Rules()
	if !slices.IsSortedFunc(all, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not in order of id")
	}
	for _, r := range all {
		if r.Title == "" || r.Remedy == "" || r.Description == "" || severityRank(r.Severity) == 0 || r.Origin != "built-in" || !r.Enabled {
			t.Errorf("%s is incomplete: %+v", r.ID, r)
		}
		if r.Clause.Text == "" || r.Clause.Source == "" {
			t.Errorf("%s rests on nothing: %+v", r.ID, r.Clause)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"pair.size_limit", "pair.size_near", "rfc.nul"}
	for name, want := range map[string]string{
		"pair.size_limt": "(do you mean pair.size_limit?)", "rfc.nil": "(do you mean rfc.nul?)", "zzzzzz": "", "": "",
		strings.Repeat("x", 100000): "",
	} {
		if got := strings.TrimSpace(nearest(name, names)); got != want {
			t.Errorf("%.20q: %q, want %q", name, got, want)
		}
	}
}
