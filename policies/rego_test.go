package policies_test

import (
	"os"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"

	"postern/rules"
)

// TestRego runs every Rego test. One rule's tests alone: go test ./policies -run Rego/pair.size_limit
func TestRego(t *testing.T) {
	report, err := rules.TestBuiltin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) == 0 {
		t.Fatal("no Rego test found")
	}
	for _, r := range report.Results {
		t.Run(r.Name, func(t *testing.T) {
			switch {
			case r.Skipped:
				t.Errorf("%s:%d: a test of a built-in rule must not be put off", r.File, r.Line)
			case !r.Passed:
				t.Errorf("%s:%d: failed\n%s", r.File, r.Line, r.Detail)
			case r.Detail != "":
				t.Logf("%s:%d: %s", r.File, r.Line, r.Detail)
			}
		})
	}
	t.Logf("%d Rego tests, coverage %.1f %%", len(report.Results), report.Coverage)
	for _, at := range report.Uncovered {
		t.Errorf("%s: no Rego test reaches this", at)
	}
	for _, file := range report.Unformatted {
		if *update {
			tidy(t, strings.TrimPrefix(file, "policies/"))
			continue
		}
		t.Errorf("%s: not formatted: go test ./policies -run Rego -update formats it", file)
	}
}

// tidy formats a policy as `opa fmt -w` does.
func tidy(t *testing.T, file string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out, err := format.SourceWithOpts(file, source, format.Opts{RegoVersion: ast.RegoV1})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out, 0o644); err != nil {
		t.Fatal(err)
	}
}
