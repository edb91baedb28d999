package policies_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/mimesize"
	"postern/policies"
	"postern/rules"
	"postern/rules/facts"
)

const fixtures = "../testdata/rules"

// TestFixtures judges the messages of testdata/rules. Those of one rule alone: go test ./policies -run Fixtures/pair.size_limit
func TestFixtures(t *testing.T) {
	results, err := rules.TestFixtures(t.Context(), fixtures, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) == 0 {
		t.Fatal("no fixture found")
	}
	for _, r := range results {
		t.Run(r.Name, func(t *testing.T) {
			if !r.Passed {
				t.Error(r.Detail)
			}
		})
	}
}

// An ordinary message meets no problem at all.
func TestOrdinaryMessage(t *testing.T) {
	f, err := os.Open(filepath.Join(fixtures, "rfc.problems", "pass-ordinary.eml"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	res, err := mimesize.Scan(f)
	if err != nil {
		t.Fatal(err)
	}
	now := facts.Options{Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	if m := facts.Make(f, info.Size(), res, nil, now); m.Size.StoredBytes == 0 || len(m.Problems) != 0 {
		t.Errorf("problems: %+v", m.Problems)
	}
}

// TestRuleFolders holds every rule's folder to the conventions that loading does not check.
func TestRuleFolders(t *testing.T) {
	known := map[string]rules.Rule{}
	for _, r := range allRules(t) {
		known[r.ID] = r
	}
	files, err := fs.Glob(policies.FS, "*/*/*.rego")
	if err != nil || len(files) == 0 {
		t.Fatal("no rule found", err)
	}
	folders := map[string]bool{}
	for _, file := range files {
		parts := strings.Split(file, "/")
		id := parts[0] + "." + parts[1]
		folders[id] = true
		if parts[2] != parts[1]+".rego" && parts[2] != parts[1]+"_test.rego" {
			t.Errorf("%s: a rule's folder holds %s.rego and %[2]s_test.rego only", file, parts[1])
		}
		source, err := policies.FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := "package postern.rules." + id
		if strings.HasSuffix(file, "_test.rego") {
			want += "_test"
		} else if _, err := policies.FS.ReadFile(strings.TrimSuffix(file, ".rego") + "_test.rego"); err != nil {
			t.Errorf("%s: no tests beside it", file)
		}
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(want) + `$`).Match(source) {
			t.Errorf("%s: it is not %q", file, want)
		}
	}
	for id := range folders {
		r, ok := known[id]
		if !ok {
			t.Errorf("%s: no rule", id)
			continue
		}
		if strings.HasSuffix(r.Title, ".") || strings.HasSuffix(r.Clause.Text, "pair/") {
			t.Errorf("%s: title %q, clause %q", id, r.Title, r.Clause.Text)
		}
		for _, kind := range []string{"fail", "pass"} {
			found := 0
			for _, ext := range []string{"eml", "json"} {
				names, err := filepath.Glob(filepath.Join(fixtures, id, kind+"-*."+ext))
				if err != nil {
					t.Fatal(err)
				}
				found += len(names)
			}
			if found == 0 && (id != "rfc.problems" || kind == "pass") { // nothing that postern itself reports is unknown to the table
				t.Errorf("%s: no fixture %s/%[1]s/%s-*", id, fixtures, kind)
			}
		}
	}
}

// TestLimitsHaveAnOwner finds numbers that no rule reads, and clauses that no rule rests on.
func TestLimitsHaveAnOwner(t *testing.T) {
	limits := map[string]bool{}
	for _, r := range allRules(t) {
		for _, l := range r.Limits {
			limits[r.ID] = true
			if l.Status != "stated" && l.Status != "chosen" {
				t.Errorf("%s: limit %s is %q", r.ID, l.Name, l.Status)
			}
		}
	}
	var sources strings.Builder
	err := fs.WalkDir(policies.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".rego") || strings.HasSuffix(name, "_test.rego") {
			return err
		}
		raw, err := policies.FS.ReadFile(name)
		sources.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	files, _ := fs.Glob(policies.FS, "*/limits.yaml")
	if len(files) == 0 {
		t.Fatal("no limits found")
	}
	for _, file := range files {
		var doc map[string]map[string]any
		readYAML(t, file, &doc)
		category, _, _ := strings.Cut(file, "/")
		for rule, values := range doc {
			if !limits[category+"."+rule] {
				t.Errorf("%s: %s is no rule", file, rule)
			}
			for name := range values {
				if !strings.Contains(sources.String(), name) {
					t.Errorf("%s: %s.%s: no rule reads it", file, rule, name)
				}
			}
		}
	}
}

// TestEveryProblemHasARow holds the table of problems equal to what the code reports: a row too few would be an unknown
// problem to the user, a row too many a rule that never speaks.
func TestEveryProblemHasARow(t *testing.T) {
	var table map[string]any
	readYAML(t, "rfc/problems/table.yaml", &table)
	emitted := map[string]string{}
	for _, dir := range []string{"../mimesize", "../rules/facts"} {
		for id, at := range problemLiterals(t, dir) {
			emitted[id] = at
		}
	}
	for _, id := range mimesize.IDs() {
		if emitted[id] == "" {
			t.Errorf("%s is not among the literals that were found: the search is broken", id)
		}
	}
	for id, at := range emitted {
		if table[id] == nil {
			t.Errorf("%s: %s has no row in rfc/problems/table.yaml", at, id)
		}
	}
	for id := range table {
		if emitted[id] == "" {
			t.Errorf("rfc/problems/table.yaml: nothing reports %s", id)
		}
	}
}

// TestProblemFixtures finds rows of the table that no message shows.
func TestProblemFixtures(t *testing.T) {
	var table map[string]any
	readYAML(t, "rfc/problems/table.yaml", &table)
	shown := 0
	for id := range table {
		names, err := filepath.Glob(filepath.Join(fixtures, id, "fail-*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(names) > 0 {
			shown++
		} else if !tooLarge[id] {
			t.Errorf("%s: no fixture %s/%[1]s/fail-*.eml", id, fixtures)
		}
	}
	t.Logf("%d of %d rows are shown by a message", shown, len(table))
}

// tooLarge are problems that only a message shows that is too large to be kept as a file.
var tooLarge = map[string]bool{
	"limit.addresses": true, "limit.depth": true, "limit.field_bytes": true, "limit.fields": true, "limit.header_bytes": true, "limit.text": true,
	"limit.parts": true, "rfc.header_total": true,
}

var problemLiteral = regexp.MustCompile(`^(rfc|mime|limit)\.[a-z0-9_]+$`)

// problemLiterals finds the text constants of a package that are ids of problems.
func problemLiterals(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no source in ", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil && problemLiteral.MatchString(s) {
					found[s] = set.Position(l.Pos()).String()
				}
			}
			return true
		})
	}
	return found
}

func allRules(t *testing.T) []rules.Rule {
	t.Helper()
	e, err := rules.New(t.Context(), rules.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e.Rules()
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	raw, err := policies.FS.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
