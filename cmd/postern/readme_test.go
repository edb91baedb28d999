package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/config"
	"postern/cmd/internal/report"
	"postern/mimesize"
	"postern/rules"
)

// console is a block of README.md that shows a command and what it prints.
var console = regexp.MustCompile("(?ms)^```console\n\\$ postern ([^\n]*)\n(.*?)^```$")

// TestReadme runs the commands that README.md shows and compares what they print. With -update it writes it instead.
func TestReadme(t *testing.T) {
	for _, name := range []string{"NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "POSTERN_CONFIG", "POSTERN_FORMAT", "POSTERN_FAIL_ON", "POSTERN_STRICT", "POSTERN_COLOR"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	t.Chdir(filepath.Join("..", ".."))
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	text := console.ReplaceAllStringFunc(string(b), func(block string) string {
		n++
		command := console.FindStringSubmatch(block)[1]
		var out, errs bytes.Buffer
		process(context.Background(), append([]string{"postern"}, strings.Fields(command)...), strings.NewReader(""), &out, &errs)
		if errs.Len() > 0 {
			t.Errorf("%s: %s", command, errs.String())
		}
		return fmt.Sprintf("```console\n$ postern %s\n%s```", command, out.String())
	})
	if n < 2 {
		t.Errorf("README.md shows %d commands", n)
	}
	begin, end := strings.Index(text, "<!-- rules -->\n"), strings.Index(text, "<!-- /rules -->")
	if begin < 0 || end < begin {
		t.Fatal("README.md has no place for the table of rules")
	}
	text = text[:begin] + "<!-- rules -->\n" + ruleTable(t) + text[end:]
	if *update {
		if err := os.WriteFile("README.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if text != string(b) {
		t.Errorf("README.md is not current: go test ./cmd/postern -run TestReadme -update writes it")
	}
}

// ruleTable is the table of README.md: a row for each category.
func ruleTable(t *testing.T) string {
	t.Helper()
	e, err := rules.New(t.Context(), rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		severity map[rules.Severity]int
		ids      []string
	}
	rows := map[string]*row{}
	var order []string
	for _, r := range e.Rules() {
		c := r.Category()
		if rows[c] == nil {
			rows[c] = &row{severity: map[rules.Severity]int{}}
			order = append(order, c)
		}
		rows[c].severity[r.Severity]++
		rows[c].ids = append(rows[c].ids, "`"+strings.TrimPrefix(r.ID, c+".")+"`")
	}
	var b strings.Builder
	b.WriteString("| category | errors | warnings | infos | rules |\n|---|---|---|---|---|\n")
	for _, c := range order {
		s := rows[c].severity
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %s |\n", c, s[rules.SeverityError], s[rules.SeverityWarning], s[rules.SeverityInfo], strings.Join(rows[c].ids, ", "))
	}
	return b.String()
}

// block gives the text of the first fenced block of README.md in a language.
func block(t *testing.T, language string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```"+language+"\n")
	text, _, end := strings.Cut(rest, "```")
	if !ok || !end {
		t.Fatalf("README.md has no block in %s", language)
	}
	return text
}

// TestReadmeConfiguration loads the configuration that README.md shows.
func TestReadmeConfiguration(t *testing.T) {
	cfg, err := config.Parse("README.md", []byte(block(t, "yaml")), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newEngine(t.Context(), cfg, nil); err != nil {
		t.Error(err)
	}
}

// TestReadmePolicy loads the rule that README.md shows.
func TestReadmePolicy(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "minutes.rego"), []byte(block(t, "rego")), 0o644); err != nil {
		t.Fatal(err)
	}
	if list, err := rules.Check(t.Context(), []string{dir}); err != nil || len(list) != 1 {
		t.Errorf("%d rules, %v", len(list), err)
	}
}

// TestReadmeNumbers holds the numbers of the section on 40 MB against the functions that compute them.
func TestReadmeNumbers(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{mimesize.Base64Size(35_000_000, mimesize.CRLF)}
	for _, r := range readings {
		want = append(want, r.LimitBytes,
			mimesize.LargestAttachment(r.LimitBytes, mimesize.CRLF, "data.bin"),
			mimesize.LargestBase64(r.LimitBytes, mimesize.CRLF),
			mimesize.LargestBase64(r.LimitBytes, mimesize.LF))
	}
	for _, n := range want {
		if !strings.Contains(string(b), report.Comma(n)) {
			t.Errorf("README.md does not say %s", report.Comma(n))
		}
	}
}
