package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"postern/rules/facts"
)

// asked is a rule of a user's that no guard can decide.
const asked = `# METADATA
# scope: package
# title: Subjects that read the same backwards
# custom:
#   severity: warning
#   remedy: None is known.
package custom.postern.rules.house.mirror

findings contains {"message": "it reads the same backwards"} if {
	input.header.subject.text != ""
	strings.reverse(input.header.subject.text) == input.header.subject.text
}
`

// resumed gives an engine from the snapshot of another, and how often it has compiled the policies.
func resumed(t testing.TB, o Options) (e *Engine, compiled *int) {
	t.Helper()
	s, err := newEngine(t, o).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if e, err = Resume(s, o); err != nil {
		t.Fatal(err)
	}
	n, fresh := 0, e.fresh
	e.fresh = func() (*Engine, error) {
		n++
		return fresh()
	}
	return e, &n
}

// An engine from a snapshot says the same as the one that the snapshot is of, to the last octet, whoever makes its findings.
func TestResume(t *testing.T) {
	alone(t)
	files, _ := filepath.Glob(filepath.Join("..", "testdata", "messages", "*.eml"))
	more, _ := filepath.Glob(filepath.Join("..", "testdata", "rules", "*", "*.eml"))
	if files = append(files, more...); len(more) < 100 {
		t.Fatalf("only %d messages", len(files))
	}
	options := map[string]Options{
		"user's": {Account: fixtureAccount(), Policies: []Module{{Name: "mirror.rego", Source: asked}}, Disabled: []string{"rfc.date_missing", "rfc.problems"},
			Severities: map[string]Severity{"pair.sender_unaffiliated": SeverityInfo}, FailOn: SeverityWarning},
		"one rule": {Only: []string{"pair.size_limit"}},
	}
	for name, c := range guardOptions {
		options[name] = c.o
	}
	for name, o := range options {
		t.Run(name, func(t *testing.T) {
			o.Timeout, o.Guards = time.Minute, GuardsOff
			cold := newEngine(t, o)
			o.Guards = GuardsLater
			warm, _ := resumed(t, o)
			if diff := cmp.Diff(cold.Rules(), warm.Rules(), cmp.AllowUnexported(Rule{})); diff != "" {
				t.Errorf("rules: %s", diff)
			}
			if !reflect.DeepEqual(cold.Windows(), warm.Windows()) || cold.Fails(SeverityWarning) != warm.Fails(SeverityWarning) {
				t.Error("windows or severities differ")
			}
			var a, b facts.Options
			cold.Spare(&a)
			warm.Spare(&b)
			if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(cold.wanted, warm.wanted) {
				t.Errorf("it spares %+v, not %+v", b, a)
			}
			for i, file := range files {
				if i%8 != 0 && name != "account" && !long() {
					continue
				}
				raw, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, opaque := range []bool{false, true} {
					f := corpusFacts(t, raw, guardOptions[name].e, facts.Options{Now: fixtureNow, Opaque: opaque})
					if o.History {
						f.History = historyOf(cold.Windows())
					}
					want, got := cold.Judge(t.Context(), f), warm.Judge(t.Context(), f)
					if !reflect.DeepEqual(want, got) {
						t.Fatalf("%s: %s", file, cmp.Diff(want, got))
					}
				}
			}
			settings := facts.New(facts.KindSettings)
			if want, got := cold.JudgeSettings(t.Context(), settings), warm.JudgeSettings(t.Context(), settings); !reflect.DeepEqual(want, got) {
				t.Errorf("settings: %s", cmp.Diff(want, got))
			}
			for _, r := range cold.Rules() {
				want, wantOK, wantErr := cold.Guard(r.ID)
				got, gotOK, gotErr := warm.Guard(r.ID)
				if !reflect.DeepEqual(want, got) || wantOK != gotOK || wantErr != nil || gotErr != nil {
					t.Fatalf("guard of %s: %+v, want %+v", r.ID, got, want)
				}
			}
		})
	}
}

func historyOf(windows []time.Duration) *facts.History {
	h := &facts.History{}
	for _, w := range windows {
		h.Windows = append(h.Windows, facts.Window{Seconds: int64(w / time.Second)})
	}
	return h
}

// The policies are compiled only when a message comes that needs it, and once for all.
func TestResumeCompilesLate(t *testing.T) {
	o := Options{Account: fixtureAccount(), Policies: []Module{{Name: "mirror.rego", Source: asked}}, Guards: GuardsOn, Timeout: time.Minute}
	e, compiled := resumed(t, o)
	e.Rules()
	f := corpusFacts(t, []byte(cleanMail), nil, facts.Options{Now: fixtureNow})
	without := o
	without.Policies = nil
	clean, built := resumed(t, without)
	if v := clean.Judge(t.Context(), f); v.Outcome != Pass || len(v.Findings) > 0 || *built != 0 {
		t.Errorf("a clean message: %+v; compiled %d times", v, *built)
	}
	mirrored := strings.Replace(cleanMail, "Minutes of the meeting", "level", 1)
	for range 2 {
		v := e.Judge(t.Context(), corpusFacts(t, []byte(mirrored), nil, facts.Options{Now: fixtureNow}))
		if len(v.Findings) != 1 || v.Findings[0].Rule != "house.mirror" || *compiled == 0 {
			t.Errorf("a message for OPA: %+v; compiled %d times", v, *compiled)
		}
	}
	// With --verify-guards the guards of the snapshot are those that are held against OPA, and without guards there is OPA alone.
	for _, use := range []Guards{GuardsVerify, GuardsOff} {
		o.Guards = use
		e, compiled := resumed(t, o)
		if v := e.Judge(t.Context(), f); v.Outcome != Pass || e.Difference() != nil || *compiled == 0 {
			t.Errorf("%d: %+v, %v, compiled %d times", use, v, e.Difference(), *compiled)
		}
	}
}

// A snapshot that is of other policies than those that are there judges nothing by OPA: the verdict is unjudged, never a pass.
func TestResumeOfOtherPolicies(t *testing.T) {
	alone(t)
	o := Options{Account: fixtureAccount(), Policies: []Module{{Name: "mirror.rego", Source: asked}}, Guards: GuardsOn, Timeout: time.Minute}
	s, err := newEngine(t, o).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	f := corpusFacts(t, []byte(strings.Replace(cleanMail, "Minutes of the meeting", "level", 1)), nil, facts.Options{Now: fixtureNow})
	for what, change := range map[string]func(*Options){
		"other rules":    func(o *Options) { o.Policies = nil },
		"no rules":       func(o *Options) { o.Policies = []Module{{Name: "a.rego", Source: "package"}} },
		"another set":    func(o *Options) { o.Disabled = []string{"pair.size_limit"} },
		"wrong timeout":  func(o *Options) { o.Timeout = -1 },
		"wrong severity": func(o *Options) { o.FailOn = "x" },
	} {
		other := o
		change(&other)
		e, err := Resume(s, other)
		if err != nil {
			if !strings.HasPrefix(what, "wrong") {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		if v := e.Judge(t.Context(), f); v.Outcome != Unjudged || strings.HasPrefix(what, "wrong") {
			t.Errorf("%s: %+v", what, v)
		}
	}
}

// What no engine can have given is refused.
func TestResumeRefuses(t *testing.T) {
	alone(t)
	o := Options{Account: fixtureAccount(), Guards: GuardsOn}
	for what, damage := range map[string]func(*Snapshot){
		"a rule twice":            func(s *Snapshot) { s.Rules[1] = s.Rules[0] },
		"no severity":             func(s *Snapshot) { s.Rules[3].Severity = "" },
		"no id":                   func(s *Snapshot) { s.Rules[0].ID = "" },
		"a rule beyond":           func(s *Snapshot) { s.Message.Rules[0] = int32(len(s.Rules)) },
		"a rule before":           func(s *Snapshot) { s.Opaque.Rules[0] = -1 },
		"a row for a rule":        func(s *Snapshot) { s.Rules[s.Message.Rules[0]].Ref = "" },
		"a guard beyond":          func(s *Snapshot) { s.Settings.Guards[0] = int32(len(s.Guards.Rules)) },
		"a guard before":          func(s *Snapshot) { s.Message.Guards[0] = -1 },
		"the guard of another":    func(s *Snapshot) { s.Message.Guards[0], s.Message.Guards[1] = s.Message.Guards[1], s.Message.Guards[0] },
		"too few guards":          func(s *Snapshot) { s.Message.Guards = s.Message.Guards[1:] },
		"guards of another build": func(s *Snapshot) { s.Guards.Version++ },
		"a node beyond":           func(s *Snapshot) { s.Guards.Rules[0].Root = int32(len(s.Guards.Nodes)) },
	} {
		s, err := newEngine(t, o).Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		damage(s)
		if _, err := Resume(s, o); err == nil {
			t.Errorf("%s: not refused", what)
		}
	}
}

// BenchmarkResume is what an engine from a snapshot costs; vs-new is that by the time of New.
func BenchmarkResume(b *testing.B) {
	o := Options{Account: fixtureAccount(), Guards: GuardsOn}
	began := time.Now()
	s, err := newEngine(b, o).Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	full := time.Since(began)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Resume(s, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/full.Seconds(), "vs-new")
}
