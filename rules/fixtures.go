package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/mimesize"
	"postern/policies"
	"postern/rules/facts"
	"postern/rules/pattern"
)

// fixtureDoc is what a file beside a fixture, of the same name but .yaml, can say about it.
type fixtureDoc struct {
	Envelope *struct {
		From *string  `yaml:"from"`
		To   []string `yaml:"to"`
	} `yaml:"envelope"`
	ServerSize int64     `yaml:"server_size"`
	Now        time.Time `yaml:"now"`
	// Origin and Opaque are as in facts.Options.
	Origin string `yaml:"origin"`
	Opaque bool   `yaml:"opaque"`
	// Variables are as in facts.Options.
	Variables []facts.Variable `yaml:"variables"`
	// Account is "none" for a fixture that is judged without an account.
	Account string `yaml:"account"`
	// WebScript is as in facts.Envelope.
	WebScript bool `yaml:"web_script"`
	// History is as in facts.Facts; what it leaves out is 0, and windows that the rules need and it does not have hold nothing.
	History map[string]any `yaml:"history"`
	// Provider and Limits are as in Options.
	Provider string                    `yaml:"provider"`
	Limits   map[string]map[string]any `yaml:"limits"`
}

// fixtureNow is the clock of fixtures that name none.
var fixtureNow = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fixtureAccount is the account that fixtures are judged with.
func fixtureAccount() *Account {
	return &Account{
		Username: "alice", Created: "2015-03-01", Domains: []string{"example.com", "example.org"}, DMARC: []string{"example.org"},
		PairlistSubscribers: 1001,
	}
}

var fixtureName = pattern.Of(`^(fail|pass)-[a-z0-9][a-z0-9_.-]*\.(eml|json)$`)

// TestFixtures judges the messages of dir, which has a folder for each rule id with files fail-*.eml and pass-*.eml in it: the
// rule must have a finding in the first and none in the second. They are judged with the account {username: alice, created:
// 2015-03-01, domains: [example.com, example.org], dmarc: [example.org], pairlist_subscribers: 1001} at 2026-11-23T12:00Z. A file
// of the same name with .yaml in place of .eml can say envelope (from, to), web_script, history, server_size, now, provider,
// limits (rule id, then name), origin, opaque, variables and account: none. Rules over settings have *.json files, each a list of
// settings. A file that is none of these is an error, as is a folder that belongs to no rule.
func TestFixtures(ctx context.Context, dir string, user []Module) ([]TestResult, error) {
	engines := map[string]*Engine{}
	var results []TestResult
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			return nil, fmt.Errorf("%s: not a folder of fixtures", filepath.Join(dir, folder.Name()))
		}
		files, err := os.ReadDir(filepath.Join(dir, folder.Name()))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			name := filepath.Join(dir, folder.Name(), file.Name())
			if base, ok := strings.CutSuffix(file.Name(), ".yaml"); ok {
				if !slices.ContainsFunc(files, func(f fs.DirEntry) bool { return f.Name() == base+".eml" }) {
					return nil, fmt.Errorf("%s: there is no %s.eml that it belongs to", name, base)
				}
				continue
			}
			if !fixtureName().MatchString(file.Name()) {
				return nil, fmt.Errorf("%s: a fixture is named fail-… or pass-… in lower-case letters, digits, dots and hyphens, "+
					"and ends in .eml", name)
			}
			r, err := testFixture(ctx, engines, folder.Name(), name, user)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			results = append(results, r)
		}
	}
	return results, nil
}

func testFixture(ctx context.Context, engines map[string]*Engine, id, name string, user []Module) (TestResult, error) {
	r := TestResult{Name: id + "/" + filepath.Base(name), File: name}
	var doc fixtureDoc
	raw, err := os.ReadFile(strings.TrimSuffix(name, filepath.Ext(name)) + ".yaml")
	if err == nil {
		err = decodeYAML(raw, &doc)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return r, err
	}
	o := Options{
		Provider: doc.Provider, ServerSize: doc.ServerSize, Limits: doc.Limits, Policies: user, Account: fixtureAccount(),
		Timeout: 30 * time.Second, History: doc.History != nil, Guards: GuardsVerify,
	}
	switch doc.Account {
	case "":
	case "none":
		o.Account = nil
	default:
		return r, fmt.Errorf("account: %q is not none", doc.Account)
	}
	key := fmt.Sprintf("%d %q %q %v %v", doc.ServerSize, doc.Account, doc.Provider, doc.Limits, o.History)
	if engines[key] == nil {
		if engines[key], err = New(ctx, o); err != nil {
			return r, err
		}
	}
	e := engines[key]
	if e.byID[id] == nil {
		return r, fmt.Errorf("no rule %q%s", id, nearest(id, sortedKeys(e.byID)))
	}
	var v Verdict
	if filepath.Ext(name) == ".json" {
		f, err := fixtureSettings(name)
		if err != nil {
			return r, err
		}
		v = e.JudgeSettings(ctx, f)
	} else {
		f, err := fixtureMessage(name, doc)
		if err != nil {
			return r, err
		}
		if f.History, err = fixtureHistory(doc.History, e.Windows()); err != nil {
			return r, fmt.Errorf("history: %w", err)
		}
		v = e.Judge(ctx, f)
	}
	found := slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Rule == id })
	fails := strings.HasPrefix(filepath.Base(name), "fail-")
	switch {
	case v.Outcome == Unjudged:
		r.Detail = "unjudged: " + v.Reason
	case found == fails:
		r.Passed = true
	case fails:
		others := []string{}
		for _, f := range v.Findings {
			others = append(others, f.Rule)
		}
		r.Detail = fmt.Sprintf("no finding of %s; findings of: %s", id, strings.Join(slices.Compact(others), ", "))
	default:
		at := slices.IndexFunc(v.Findings, func(f Finding) bool { return f.Rule == id })
		r.Detail = fmt.Sprintf("a finding of %s: %q", id, v.Findings[at].Message)
	}
	return r, nil
}

func fixtureMessage(name string, doc fixtureDoc) (*facts.Facts, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	res, err := mimesize.Scan(f)
	if err != nil {
		return nil, err
	}
	var env *facts.Envelope
	if doc.Envelope != nil {
		env = &facts.Envelope{From: doc.Envelope.From, To: doc.Envelope.To}
	}
	if doc.WebScript {
		if env == nil {
			env = &facts.Envelope{}
		}
		env.WebScript = true
	}
	now := doc.Now
	if now.IsZero() {
		now = fixtureNow
	}
	return facts.Make(f, info.Size(), res, env, facts.Options{Now: now, Origin: doc.Origin, Opaque: doc.Opaque, Variables: doc.Variables}), nil
}

func fixtureHistory(doc map[string]any, windows []time.Duration) (*facts.History, error) {
	if doc == nil {
		return nil, nil
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	h := &facts.History{}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(h); err != nil {
		return nil, err
	}
	for _, w := range windows {
		n := int64(w / time.Second)
		if !slices.ContainsFunc(h.Windows, func(x facts.Window) bool { return x.Seconds == n }) {
			h.Windows = append(h.Windows, facts.Window{Seconds: n})
		}
	}
	return h, nil
}

func fixtureSettings(name string) (*facts.Facts, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f := &facts.Facts{SchemaVersion: facts.SchemaVersion, Kind: facts.KindSettings}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	return f, d.Decode(&f.Settings)
}

// Test tests the policies of a directory: it runs their Rego tests, measures how much of the policies these reach, and judges
// the fixtures of every folder testdata, as TestFixtures does. A directory without any test is an error.
func Test(ctx context.Context, dir string) (*TestReport, error) {
	modules, err := ReadModules(dir)
	if err != nil {
		return nil, err
	}
	p, err := readPack(policies.FS, "policies", modules, true)
	if err != nil {
		return nil, err
	}
	report, err := p.test(ctx, func(m *module) bool { return m.custom })
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || d.Name() != "testdata" {
			return err
		}
		results, err := TestFixtures(ctx, name, modules)
		report.Results = append(report.Results, results...)
		if err == nil {
			err = fs.SkipDir
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(report.Results) == 0 {
		return nil, fmt.Errorf("%s: no test in it: neither a rule test_… in a file *_test.rego nor a message "+
			"testdata/<rule id>/fail-*.eml", dir)
	}
	return report, nil
}
