package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const ownRule = `# METADATA
# scope: package
# title: Subject is too long
# description: Long subjects are cut by telephones.
# custom:
#   severity: warning
#   remedy: Say it in fewer words.
#   limits:
#     most: {value: 60, status: chosen, why: what a telephone shows}
package custom.postern.rules.house.subject_length

findings contains {
	"message": sprintf("subject of %d characters, over %d", [input.header.subject.length, _most]),
	"value": input.header.subject.length,
	"limit": _most,
} if {
	input.header.subject.length > _most
}

_most := data.postern.limits.house.subject_length.most
`

const ownTest = `package custom.postern.rules.house.subject_length_test

import data.custom.postern.rules.house.subject_length

test_passes_at_the_limit if {
	count(subject_length.findings) == 0 with input as {"header": {"subject": {"length": 60}}}
}

test_fails_one_over if {
	count(subject_length.findings) == 1 with input as {"header": {"subject": {"length": 61}}}
}
`

func eml(subject string) string {
	return "From: alice@example.com\nTo: bob@example.org\nDate: Mon, 23 Nov 2026 11:00:00 +0000\n" +
		"Message-ID: <1@example.com>\nSubject: " + subject + "\n\nDear Bob\n"
}

// tree writes files below a new directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func own(change map[string]string) map[string]string {
	files := map[string]string{
		"house/subject_length.rego":                                ownRule,
		"house/subject_length_test.rego":                           ownTest,
		"testdata/house.subject_length/fail-long.eml":              eml(strings.Repeat("x", 61)),
		"testdata/house.subject_length/pass-short.eml":             eml("short"),
		"testdata/house.subject_length/pass-long-enough-limit.eml": eml(strings.Repeat("x", 61)),
		"testdata/house.subject_length/pass-long-enough-limit.yaml": "limits: {house.subject_length: {most: 61}}\n" +
			"envelope: {from: alice@example.com, to: [bob@example.org]}\nnow: 2026-11-23T12:00:00Z\n",
	}
	for name, content := range change {
		if content == "" {
			delete(files, name)
		} else {
			files[name] = content
		}
	}
	return files
}

func TestUsersPolicies(t *testing.T) {
	report, err := Test(t.Context(), tree(t, own(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Results) != 5 || report.Failed() != 0 || report.Coverage != 100 || len(report.Uncovered)+len(report.Unformatted) != 0 {
		t.Errorf("%+v", report)
	}
}

// What is wrong with a user's tests is told, each in its own way.
func TestUsersPoliciesThatFail(t *testing.T) {
	alone(t)
	failed := func(r *TestReport) []string {
		var names []string
		for _, t := range r.Results {
			if !t.Passed {
				names = append(names, filepath.Base(t.Name)+": "+t.Detail)
			}
		}
		return names
	}
	for name, c := range map[string]struct {
		change map[string]string
		want   string
	}{
		"a Rego test":           {map[string]string{"house/subject_length_test.rego": strings.Replace(ownTest, "61", "60", 1)}, "subject_length_test.test_fails_one_over"},
		"what a test prints":    {map[string]string{"house/subject_length_test.rego": strings.Replace(ownTest, "60}}}\n}", "60}}}\n\tprint(\"here\")\n\tfalse\n}", 1)}, "here"},
		"a message that passes": {map[string]string{"testdata/house.subject_length/fail-short.eml": eml("short")}, "fail-short.eml: no finding of house.subject_length"},
		"a message that fails":  {map[string]string{"testdata/house.subject_length/pass-long.eml": eml(strings.Repeat("y", 70))}, "pass-long.eml: a finding of house.subject_length"},
		"an empty message":      {map[string]string{"testdata/house.subject_length/pass-empty.eml": "\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := Test(t.Context(), tree(t, own(c.change)))
			if err != nil {
				t.Fatal(err)
			}
			got := failed(report)
			if c.want == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || !strings.Contains(got[0], c.want) {
				t.Errorf("failed: %q, want one with %q", got, c.want)
			}
		})
	}
}

func TestCoverageOfUsersPolicies(t *testing.T) {
	alone(t)
	untested := "\nfindings contains {\"message\": \"never\"} if {\n\tinput.header.subject.length == 7\n\tinput.header.fields == 9\n}\n"
	report, err := Test(t.Context(), tree(t, own(map[string]string{"house/subject_length.rego": ownRule + untested})))
	if err != nil {
		t.Fatal(err)
	}
	if report.Coverage >= 100 || len(report.Uncovered) == 0 || !strings.Contains(report.Uncovered[0], "subject_length.rego:2") {
		t.Errorf("coverage %v, uncovered %v", report.Coverage, report.Uncovered)
	}
	report, err = Test(t.Context(), tree(t, own(map[string]string{"house/subject_length.rego": strings.Replace(ownRule, "\t\"value\"", "    \"value\"", 1)})))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Unformatted) != 1 {
		t.Errorf("unformatted %v", report.Unformatted)
	}
}

// A directory that cannot be tested as it stands is an error: nothing is left out in silence.
func TestUsersPoliciesThatCannotBeTested(t *testing.T) {
	alone(t)
	for name, c := range map[string]struct {
		change map[string]string
		says   string
	}{
		"no policy": {map[string]string{"house/subject_length.rego": "", "house/subject_length_test.rego": ""}, "no policy"},
		"no test": {map[string]string{"house/subject_length_test.rego": "", "testdata/house.subject_length/fail-long.eml": "",
			"testdata/house.subject_length/pass-short.eml": "", "testdata/house.subject_length/pass-long-enough-limit.eml": "",
			"testdata/house.subject_length/pass-long-enough-limit.yaml": ""}, "no test"},
		"no rule of that id":   {map[string]string{"testdata/house.subject_lenght/fail-x.eml": eml("x")}, "do you mean house.subject_length?"},
		"a name that is none":  {map[string]string{"testdata/house.subject_length/long.eml": eml("x")}, "is named fail-"},
		"a stray sibling":      {map[string]string{"testdata/house.subject_length/fail-x.yaml": "account: none\n"}, "no fail-x.eml"},
		"a mistyped sibling":   {map[string]string{"testdata/house.subject_length/fail-long.yaml": "acount: none\n"}, "acount"},
		"an account of a kind": {map[string]string{"testdata/house.subject_length/fail-long.yaml": "account: bob\n"}, "account"},
		"a mistyped field":     {map[string]string{"house/subject_length.rego": strings.Replace(ownRule, "subject.length >", "subject.lenght >", 1)}, "undefined ref: input.header.subject.lenght"},
		"a test of no rule":    {map[string]string{"house/other_test.rego": "package custom.postern.rules.house.other_test\n\nimport data.custom.postern.rules.house.other\n\ntest_x if count(other.findings) == 0\n"}, "does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Test(t.Context(), tree(t, own(c.change)))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %q", err, c.says)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	alone(t)
	dir := tree(t, own(nil))
	all, err := Check(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].ID != "house.subject_length" || all[0].Severity != SeverityWarning || len(all[0].Limits) != 1 {
		t.Errorf("%+v", all)
	}
	if _, err := Check(t.Context(), []string{dir, filepath.Join(dir, "house", "subject_length.rego")}); err != nil {
		t.Errorf("a file that is given twice: %v", err)
	}
	for path, says := range map[string]string{
		filepath.Join(dir, "nothing"):  "no such file",
		filepath.Join(dir, "testdata"): "no policy",
		tree(t, map[string]string{"a.rego": "package custom.postern.lib.a\n\nx := 1\n"}): "define no rule",
		tree(t, map[string]string{"a.rego": "package a b\n"}):                            "a.rego:1",
	} {
		if _, err := Check(t.Context(), []string{path}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v, want one that says %q", path, err, says)
		}
	}
}

func TestReadModules(t *testing.T) {
	dir := tree(t, map[string]string{
		"b.rego": "package b", "a/x.rego": "package a", ".git/c.rego": "package c", "testdata/d.rego": "package d", "notes.md": "no policy",
	})
	modules, err := ReadModules(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range modules {
		name, err := filepath.Rel(dir, m.Name)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(name))
	}
	if want := []string{"a/x.rego", "b.rego"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if err := os.WriteFile(filepath.Join(dir, "big.rego"), make([]byte, maxModule+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadModules(dir); err == nil {
		t.Error("a policy of more than a megabyte is read")
	}
}
