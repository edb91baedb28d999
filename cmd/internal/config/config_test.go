package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"postern/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

// clock is the time that the fixtures were written for.
var clock = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func fixtures(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures in testdata/%s: %v", dir, err)
	}
	return files
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGoodFiles(t *testing.T) {
	for _, file := range fixtures(t, "good") {
		c, err := Parse(filepath.Base(file), read(t, file), clock)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, key := range c.Keys() {
			if _, line := c.Pos(key); line < 1 {
				t.Errorf("%s: key %s has line %d", file, key, line)
			}
		}
	}
}

// Every bad file has all its errors, each with line, key and remedy, in a golden file beside it.
func TestBadFiles(t *testing.T) {
	for _, file := range fixtures(t, "bad") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			c, err := Parse(filepath.Base(file), read(t, file), clock)
			var errs Errors
			if !errors.As(err, &errs) || c != nil {
				t.Fatalf("got %v and error %v, want Errors", c, err)
			}
			last := 0
			for _, e := range errs {
				if e.Line < max(last, 1) || e.Remedy == "" || e.Message == "" {
					t.Errorf("line %d after %d, message %q, remedy %q", e.Line, last, e.Message, e.Remedy)
				}
				last = e.Line
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if strings.ContainsFunc(strings.ReplaceAll(got, "\n", ""), func(r rune) bool { return r < ' ' || r == 0x202e }) {
				t.Errorf("untrusted characters in %q", got)
			}
		})
	}
}

func TestFullFile(t *testing.T) {
	file := filepath.Join("testdata", "good", "full.yaml")
	c, err := LoadAt("", file, nil, clock)
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	want := &Config{
		Named:    true,
		File:     file,
		Provider: "pair",
		Account: &rules.Account{Username: "alice", Created: "2015-03-01", Plan: "Advanced", ServerNumber: 123,
			Domains:   []string{"example.com", "xn--bcher-kva.example", "example.org"},
			Addresses: []string{"alice@example.net", "alice@pair.com"}},
		Submission: &Submission{Host: "alice.mail.pairserver.com", Port: 465, TLS: "implicit", Auth: &yes, Verify: &yes},
		ServerSize: 41943040,
		Limits: map[string]map[string]any{
			"size.recipient_path":    {"smallest_bytes": int64(10485760), "names": []any{"a", "b", int64(3), true, 0.5}},
			"recipients.per_message": {"total": int64(20)},
		},
		Severities: map[string]rules.Severity{"spam.subject_caps": "error"},
		Disabled:   []string{"spam.subject_url", "spam.phrase"},
		Policies:   []string{"policies"},
		FailOn:     "warning", VerifyGuards: true,
	}
	if diff := cmp.Diff(want, c, cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".origins" || p.Last().String() == ".SHA256" || p.Last().String() == ".listed"
	}, cmp.Ignore()), cmp.AllowUnexported(Config{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for key, line := range map[string]int{
		"provider": 2, "account": 3, "account.created": 5, "account.domains": 8, "account.domains[1]": 8, "account.addresses[1]": 11,
		"submission.port": 14, "limits.size.recipient_path.smallest_bytes": 21, "severities.spam.subject_url": 27, "disabled[0]": 28,
		"account.nonsense": 3, "limits.size.recipient_path.other": 20, "policies[0]": 29,
	} {
		if f, l := c.Pos(key); f != file || l != line {
			t.Errorf("Pos(%s) = %s:%d, want line %d", key, f, l, line)
		}
	}
	if f, l := c.Pos("nonsense"); f != file || l != 0 {
		t.Errorf("Pos of an absent key = %s:%d", f, l)
	}
}

func TestPolicies(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"postern.yaml":          "policies: [rules, one.rego, rules/a.rego]\n",
		"rules/b.rego":          "package b",
		"rules/a.rego":          "package a",
		"rules/a_test.rego":     "package a_test",
		"rules/.git/x.rego":     "package x",
		"rules/notes.txt":       "",
		"one.rego":              "package one",
		"rules/testdata/x.rego": "package x",
		"elsewhere/c.rego":      "package c",
		"bad/postern.yaml":      "policies:\n  - none\n  - ../rules/notes.txt\n  - empty\n  - /dev/null\n  - links\n",
		"bad/empty/x.txt":       "",
		"bad/links/a.rego":      "package a",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	for link, to := range map[string]string{"rules/c.rego": "../elsewhere/c.rego", "bad/links/b.rego": "nowhere.rego"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := LoadAt(dir, "", nil, clock)
	if err != nil {
		t.Fatal(err)
	}
	o, err := c.RuleOptions()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range o.Policies {
		rel, _ := filepath.Rel(dir, m.Name)
		got = append(got, rel+" "+m.Source)
	}
	if diff := cmp.Diff([]string{"rules/a.rego package a", "rules/b.rego package b", "rules/c.rego package c", "one.rego package one"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	c, err = LoadAt(filepath.Join(dir, "bad"), "", nil, clock)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.RuleOptions()
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != 5 {
		t.Fatalf("got %v, want five errors", err)
	}
	for i, e := range errs {
		if e.Line != i+2 {
			t.Errorf("error %v stands on line %d, want %d", e, e.Line, i+2)
		}
	}
}

// A limit that the rules refuse is named with its place in the file.
func TestLimitOfWrongKind(t *testing.T) {
	c, err := Parse("postern.yaml", []byte(`limits:
  pair.size_limit:
    largest_bytes: "many\e[2J"
  pair.size.near: {near_bytes: -5}
`), clock)
	if err != nil {
		t.Fatal(err)
	}
	o, err := c.RuleOptions()
	if err != nil {
		t.Fatal(err)
	}
	_, err = rules.New(t.Context(), o)
	want := `postern.yaml:4: limits.pair.size_near.near_bytes: it is negative (write 0 or more)
postern.yaml:3: limits.pair.size_limit.largest_bytes: it is a number, not "many\x1b[2J" (write a number)`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestCheckRules(t *testing.T) {
	c, err := Parse("postern.yaml", []byte(`limits:
  pair.size_limit: {largest_bites: 5}
  pair.size_limt: {largest_bytes: 5}
severities:
  pair.size_near: info
  spam.nothing_like_it: off
disabled:
  - pair.size_nearr
`), clock)
	if err != nil {
		t.Fatal(err)
	}
	err = c.CheckRules(map[string][]string{"pair.size_limit": {"largest_bytes"}, "pair.size_near": {"near_bytes"}})
	want := `postern.yaml:2: limits.pair.size_limit.largest_bites: the rule has no limit "largest_bites" (did you mean largest_bytes?)
postern.yaml:3: limits.pair.size_limt: there is no rule "pair.size_limt" (did you mean pair.size_limit?)
postern.yaml:6: severities.spam.nothing_like_it: there is no rule "spam.nothing_like_it" (postern rules lists them)
postern.yaml:8: disabled[0]: there is no rule "pair.size_nearr" (did you mean pair.size_near?)`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if err := new(Config).CheckRules(nil); err != nil {
		t.Errorf("a Config without rules: %v", err)
	}
}

// The policies hold the day on which hosts changed as data; this package cannot wait for them to be compiled.
func TestHostDateIsThePolicies(t *testing.T) {
	var limits map[string]map[string]struct{ Value string }
	data := read(t, filepath.Join("..", "..", "..", "policies", "pair", "limits.yaml"))
	section := regexp.MustCompile(`(?m)^smtp_host_era:\n(?:[ #].*\n)+`).Find(data)
	if err := yaml.Unmarshal(section, &limits); err != nil {
		t.Fatal(err)
	}
	if got := limits["smtp_host_era"]["new_hosts_from"].Value; got != newHostsFrom {
		t.Errorf("policies say %q, config says %q", got, newHostsFrom)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ key, value, want string }{
		{"account.created", "2015-02-30", "no day of the calendar"},
		{"account.created", "2026-11-24", ""}, // it has begun east of Greenwich
		{"account.created", "2026-11-25", "in the future"},
		{"account.domains", "co.uk", "public suffix"},
		{"account.domains", "example.co.uk", ""},
		{"submission.port", "0", "between 1 and 65535"},
		{"submission.auth", "maybe", "neither true nor false"},
		{"account", "x", "unknown key"},
		{"nonsense", "x", "unknown key"},
	} {
		err := Check(c.key, c.value, clock)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("Check(%s, %s) = %v, want %q", c.key, c.value, err, c.want)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
