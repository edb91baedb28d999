package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/format"
	"github.com/open-policy-agent/opa/v1/tester"

	"postern/policies"
)

// TestResult is the outcome of one test.
type TestResult struct {
	Name   string `json:"name"` // package and rule of a Rego test, or path of a fixture
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Passed bool   `json:"passed"`
	// Skipped is a Rego test named todo_test_….
	Skipped bool `json:"skipped,omitempty"`
	// Detail says why it failed; it can hold what the test printed.
	Detail string `json:"detail,omitempty"`
}

// TestReport is what testing policies has shown.
type TestReport struct {
	Results []TestResult `json:"results"` // in order of file, line and name
	// Coverage is the share of lines of the tested policies, in percent, that the Rego tests have reached.
	Coverage float64 `json:"coverage"`
	// Uncovered names the lines that no test has reached, as file:line or file:line-line.
	Uncovered []string `json:"uncovered"`
	// Unformatted names the files that `opa fmt` would change.
	Unformatted []string `json:"unformatted"`
}

// Failed counts the tests that did not pass.
func (r *TestReport) Failed() int {
	n := 0
	for _, t := range r.Results {
		if !t.Passed && !t.Skipped {
			n++
		}
	}
	return n
}

// TestBuiltin runs the Rego tests of the built-in policies, as Test does for a directory of the user's.
func TestBuiltin(ctx context.Context) (*TestReport, error) {
	p, err := readPack(policies.FS, "policies", nil, true)
	if err != nil {
		return nil, err
	}
	return p.test(ctx, func(m *module) bool { return true })
}

// test runs the Rego tests of the modules that want names, and measures how far they reach into these modules.
func (p *pack) test(ctx context.Context, want func(*module) bool) (*TestReport, error) {
	data, err := p.data(Options{})
	if err != nil {
		return nil, err
	}
	if _, err := compileModules(p.modules, data); err != nil {
		return nil, err
	}
	compiler, err := newCompiler(true)
	if err != nil {
		return nil, err
	}
	modules, wanted := map[string]*ast.Module{}, map[string]*ast.Module{}
	report := &TestReport{Results: []TestResult{}, Uncovered: []string{}, Unformatted: []string{}}
	for _, m := range p.modules {
		again, err := parseModule(m.file, m.source, m.custom, true) // compiling has changed the one that was read
		if err != nil {
			return nil, err
		}
		modules[m.file] = again.parsed
		if !want(m) {
			continue
		}
		if m.kind != kindTest {
			wanted[m.file] = again.parsed
		}
		tidy, err := format.SourceWithOpts(m.file, []byte(m.source), format.Opts{RegoVersion: ast.RegoV1})
		if err != nil {
			return nil, err
		}
		if string(tidy) != m.source {
			report.Unformatted = append(report.Unformatted, m.file)
		}
	}
	reached := cover.New()
	results, err := tester.NewRunner().SetCompiler(compiler).SetStore(newStore(data)).SetCoverageQueryTracer(reached).
		SetCoverageRuns(nil).RaiseBuiltinErrors(true).CapturePrintOutput(true).SetTimeout(DefaultTimeout).
		SetModules(modules).RunTests(ctx, nil)
	if err != nil {
		var errs ast.Errors
		if errors.As(err, &errs) {
			err = loadError(errs)
		}
		return nil, err
	}
	if err := checkRefs(compiler, p.modules, data); err != nil {
		for range results { // lets the runner end
		}
		return nil, err
	}
	for r := range results {
		if at := slices.IndexFunc(p.modules, func(m *module) bool { return m.file == r.Location.File }); at < 0 || !want(p.modules[at]) {
			continue
		}
		report.Results = append(report.Results, testResult(r))
	}
	slices.SortFunc(report.Results, func(a, b TestResult) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Name, b.Name)
	})
	report.cover(reached.Report(wanted), wanted)
	return report, nil
}

func testResult(r *tester.Result) TestResult {
	t := TestResult{
		Name: strings.TrimPrefix(r.Package, "data.") + "." + r.Name, File: r.Location.File, Line: r.Location.Row,
		Passed: r.Pass(), Skipped: r.Skip, Detail: strings.TrimSpace(string(r.Output)),
	}
	if r.Error != nil {
		t.Detail = strings.TrimSpace(r.Error.Error() + "\n" + t.Detail)
	}
	return t
}

func (r *TestReport) cover(c cover.Report, wanted map[string]*ast.Module) {
	covered, missed := 0, 0
	for file := range wanted {
		f := c.Files[file]
		if f == nil {
			continue
		}
		covered += f.CoveredLines
		missed += f.NotCoveredLines
		for _, n := range f.NotCovered {
			at := fmt.Sprintf("%s:%d", file, n.Start.Row)
			if n.End.Row > n.Start.Row {
				at = fmt.Sprintf("%s-%d", at, n.End.Row)
			}
			r.Uncovered = append(r.Uncovered, at)
		}
	}
	slices.Sort(r.Uncovered)
	r.Uncovered = slices.Compact(r.Uncovered)
	r.Coverage = 100
	if covered+missed > 0 {
		r.Coverage = 100 * float64(covered) / float64(covered+missed)
	}
}
