package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/needs"
	"postern/cmd/internal/snapshot"
)

// started is what a process prints, and its exit status.
type started struct {
	stdout, stderr string
	code           int
}

func start(t *testing.T, args ...string) (s started) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	s.code = process(context.Background(), append([]string{"postern"}, args...), strings.NewReader(goodMail), &stdout, &stderr)
	s.stdout, s.stderr = stdout.String(), stderr.String()
	return s
}

// snapshots counts what lies in the cache.
func snapshots(t *testing.T, dir string) int {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "postern", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// A run says the same, to the octet, whether it starts from a snapshot, leaves one, or has no cache.
func TestStartsTheSame(t *testing.T) {
	testdata := filepath.Join("..", "..", "testdata")
	now := "--now=2026-11-26T12:00:00Z"
	messages, boxes := filepath.Join(testdata, "messages"), filepath.Join(testdata, "mailboxes")
	runs := map[string][]string{
		"text":     {"check", "--no-config", "--info", "--explain", messages},
		"json":     {"check", "--no-config", "--format", "json", now, messages},
		"sarif":    {"check", "--no-config", "--format", "sarif", boxes},
		"stdin":    {"check", "--no-config", "--strict", "-"},
		"rules":    {"check", "--no-config", "--rule", "pair.size_limit", "--rule", "rfc.date_missing", "--fail-on", "info", messages},
		"audit":    {"audit", "--no-config", "--format", "json", "--no-redact", now, messages, boxes},
		"rows":     {"audit", "--no-config", "--format", "ndjson", "--no-redact", now, messages, boxes},
		"list":     {"rules", "--no-config", "--format", "json"},
		"guards":   {"rules", "--no-config", "--guards", "--format", "json"},
		"demo":     {"check", filepath.Join(testdata, "demo", "emails")},
		"plan":     {"plan", filepath.Join(testdata, "demo", "emails")},
		"settings": {"settings", "--no-config", filepath.Join(testdata, "demo")},
		"verified": {"check", "--no-config", "--verify-guards", "--format", "json", messages},
		"no rule":  {"check", "--no-config", "--rule", "pair.nothing", messages},
		"no file":  {"check", "--no-config", filepath.Join(testdata, "nothing")},
	}
	if needs.UnderRace {
		// OPA takes so long that an evaluation could overrun the time that check gives it; the mailboxes have few messages.
		runs = map[string][]string{"rows": runs["rows"], "verified": {"audit", "--no-config", "--verify-guards", "--format", "ndjson", now, boxes}}
	} else if list, err := os.ReadFile("../../../shared/corpora/MESSAGES.tsv"); err == nil {
		check, audit := []string{"check", "--no-config", "--format", "json"}, []string{"audit", "--no-config", "--format", "ndjson", "--no-redact"}
		for i, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
			name, _, _ := strings.Cut(line, "\t")
			if name = filepath.Join("../../../shared/corpora", name); i%40 == 0 {
				check = append(check, name)
			}
			if i%10 == 0 {
				audit = append(audit, name)
			}
		}
		runs["corpora, check"], runs["corpora, audit"] = check, audit
	}
	for name, args := range runs {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", dir)
			t.Setenv("POSTERN_CACHE", "off")
			want := start(t, args...)
			if n := snapshots(t, dir); n != 0 {
				t.Errorf("%d snapshots without a cache", n)
			}
			t.Setenv("POSTERN_CACHE", "")
			for _, way := range []string{"cold", "warm"} {
				if got := start(t, args...); got != want {
					t.Errorf("%s: exit %d, want %d\n%.2000s\n%.2000s\nwant\n%.2000s\n%.2000s", way, got.code, want.code, got.stdout, got.stderr, want.stdout, want.stderr)
				}
				left := 1
				if name == "no rule" || name == "no file" && want.code == 2 {
					left = 0
				}
				if n := snapshots(t, dir); n != left {
					t.Errorf("%s: %d snapshots, want %d", way, n, left)
				}
			}
		})
	}
}

// A rule, a limit or an account that changes decides at once, whatever a run before has left, and an error in a policy is told as ever.
func TestStartsFromWhatIsThere(t *testing.T) {
	needs.WithoutRace(t, "TestStartsTheSame starts in each way")
	dir, cached := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cached)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	policy := func(word string) string {
		return "# METADATA\n# scope: package\n# title: No such word\n# custom:\n#   severity: error\n#   remedy: Write another.\n" +
			"package custom.postern.rules.house.word\n\nfindings contains {\"message\": \"it says " + word + "\"} if contains(input.header.subject.text, \"" + word + "\")\n"
	}
	write("m.eml", strings.Replace(goodMail, "\nSubject: ", "\nSubject: offer ", 1))
	check := func(what string, code int, text string) {
		t.Helper()
		for _, way := range []string{"first", "again"} {
			got := start(t, "check", "--config", filepath.Join(dir, "postern.yaml"), filepath.Join(dir, "m.eml"))
			if got.code != code || text != "" && !strings.Contains(got.stdout+got.stderr, text) {
				t.Errorf("%s, %s: exit %d, want %d with %q\n%s%s", what, way, got.code, code, text, got.stdout, got.stderr)
			}
		}
	}
	const account = "account:\n  username: acme\n  domains: [mail.postern.dev, example.com]\n"
	write("postern.yaml", account)
	check("no policy", 0, "")
	write("word.rego", policy("offer"))
	write("postern.yaml", account+"policies: [word.rego]\n")
	check("a policy", 1, "it says offer")
	before, err := os.Stat(filepath.Join(dir, "word.rego"))
	if err != nil {
		t.Fatal(err)
	}
	write("word.rego", policy("refer"))
	os.Chtimes(filepath.Join(dir, "word.rego"), before.ModTime(), before.ModTime())
	check("another, of the same size and time", 0, "")
	write("word.rego", policy("offer")+"}\n")
	check("a broken one", 2, "word.rego:10")
	write("word.rego", policy("offer"))
	check("the first again", 1, "it says offer")
	write("postern.yaml", account+"policies: [word.rego]\nseverities:\n  house.word: warning\n")
	check("a severity", 0, "it says offer")
	write("postern.yaml", account+"policies: [word.rego]\ndisabled: [house.word]\n")
	check("disabled", 0, "")
	write("postern.yaml", account+"limits:\n  size.message: {octets: 10}\n")
	if got := start(t, "check", "--config", filepath.Join(dir, "postern.yaml"), filepath.Join(dir, "m.eml")); got.code != 2 {
		t.Errorf("a limit that no rule has: exit %d\n%s", got.code, got.stderr)
	}
	write("postern.yaml", strings.Replace(account, "mail.postern.dev, example.com", "iana.org", 1))
	check("another account", 1, "pair.sender_unaffiliated")
	if n := snapshots(t, cached); n < 5 {
		t.Errorf("only %d snapshots", n)
	}
	t.Setenv("POSTERN_CACHE", "/tmp")
	check("a wrong variable", 2, "POSTERN_CACHE is neither on nor off")
	t.Setenv(snapshot.Switch, "off")
	check("none", 1, "pair.sender_unaffiliated")
}
