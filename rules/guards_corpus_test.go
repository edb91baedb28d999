package rules

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/mimesize"
	"postern/rules/facts"
)

// guardOptions are settings under which guards are compared with OPA, each with the way in which facts are made.
var guardOptions = map[string]struct {
	o Options
	f facts.Options
	e *facts.Envelope
}{
	"account":    {Options{Account: fixtureAccount()}, facts.Options{Now: fixtureNow}, nil},
	"no account": {Options{ServerSize: 9000}, facts.Options{}, &facts.Envelope{To: []string{"a@example.net"}}},
	"no provider": {Options{Provider: "none", Account: &Account{Domains: []string{"taint.org", "example.com"}}, ServerSize: 200_000, Limits: map[string]map[string]any{
		"spam.score_estimate": {"score": 1.2}, "bulk.list_id": {"bulk_recipients": 2}, "size.html_gmail_clip": {"near_bytes": 1},
	}}, facts.Options{Now: fixtureNow}, nil},
	"template": {Options{Account: fixtureAccount()}, facts.Options{Origin: facts.OriginTemplate}, nil},
	"opaque":   {Options{Account: fixtureAccount()}, facts.Options{Opaque: true}, nil},
	// For facts at random: every rule is applied.
	"history": {Options{Account: fixtureAccount(), History: true, Limits: map[string]map[string]any{
		"recipients.hour": {"recipients": 100}, "recipients.day": {"recipients": 500},
	}}, facts.Options{Now: fixtureNow}, nil},
}

// corpusMessages reads the messages of the corpora, of which only each step-th.
func corpusMessages(t testing.TB, step int) map[string][]byte {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "corpora")
	list, err := os.ReadFile(filepath.Join(dir, "MESSAGES.tsv"))
	if err != nil {
		t.Skip("skip: needs the corpora of real mail in ../shared/corpora")
	}
	all := map[string][]byte{}
	for i, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		name, format, _ := strings.Cut(line, "\t")
		if i%step != 0 || format == "mbox" {
			continue
		}
		if all[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) < 30 {
		t.Fatalf("only %d messages", len(all))
	}
	return all
}

func corpusFacts(t testing.TB, raw []byte, env *facts.Envelope, o facts.Options) *facts.Facts {
	scanner := mimesize.Scanner{SizesOnly: o.Without&facts.Census != 0}
	res, err := scanner.Scan(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return facts.Make(bytes.NewReader(raw), int64(len(raw)), res, env, o)
}

// long tells that tests are to take their time.
func long() bool { return os.Getenv("POSTERN_LONG") != "" }

// TestGuardsOnCorpora judges real mail with guards and without: no verdict may differ.
func TestGuardsOnCorpora(t *testing.T) {
	alone(t)
	step := 16
	if long() {
		step = 1
	} else if raceDetector { // the messages come one after the other, whatever their number
		step = 100
	}
	messages := corpusMessages(t, step)
	for name, c := range guardOptions {
		if c.o.History {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c.o.Guards, c.o.Timeout = GuardsVerify, time.Minute
			verifying := newEngine(t, c.o)
			all, asked, by, let := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
			for name, raw := range messages {
				f := corpusFacts(t, raw, c.e, c.f)
				v := verifying.Judge(t.Context(), f)
				if err := verifying.Difference(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if f.Size.StoredBytes == 0 {
					continue
				}
				set := &verifying.message
				if f.Opaque {
					set = &verifying.opaque
				}
				some, _ := verifying.guards.some(set, f)
				corpus := filepath.Dir(name)
				all[corpus]++
				if _, rest := verifying.find(set, some, f, nil); len(rest) > 0 {
					asked[corpus]++
					for _, i := range rest {
						by[set.rules[i].ID]++
					}
				}
				found := map[string]bool{}
				for _, f := range v.Findings {
					if found[f.Rule] = true; verifying.byID[f.Rule].ref == "" {
						found[problemRule] = true
					}
				}
				for _, i := range some {
					if id := set.rules[i].ID; !found[id] {
						let[id]++
					}
				}
			}
			for corpus, n := range all {
				t.Logf("%s: %d messages, OPA runs for %d", corpus, n, asked[corpus])
			}
			t.Logf("OPA runs for %v; rules that are let through and find nothing: %v", by, let)
		})
	}
}

// TestFindingsAreMade holds that no shipped rule needs OPA for what it finds.
func TestFindingsAreMade(t *testing.T) {
	alone(t)
	e := newEngine(t, Options{Account: fixtureAccount(), History: true, Guards: GuardsOn})
	if e.guards.once.Do(e.guards.make); e.guards.err != nil {
		t.Fatal(e.guards.err)
	}
	made, exact, rest := 0, 0, []string{}
	for _, r := range e.guards.reports {
		if r.Exact {
			exact++
		} else {
			t.Log(r.Rule, r.Reasons)
		}
		if r.Findings {
			made++
		} else {
			rest = append(rest, r.Rule)
		}
	}
	t.Logf("%d rules, %d exact, findings of %d made without OPA, not of %v", len(e.guards.reports), exact, made, rest)
	if len(rest) > 0 {
		t.Errorf("%v need OPA", rest)
	}
}
