package rules

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

// TestWanted: a list that no policy reads is left out of the input, and every way to read it keeps it in.
func TestWanted(t *testing.T) {
	f := facts.New(facts.KindMessage)
	f.Parts = []facts.Part{{Path: "0"}}
	for body, want := range map[string]bool{
		`input.size.data_bytes > 1`:                            false,
		`count(input.attachments) > 1`:                         false,
		`some p in input.parts; p.line > 1`:                    true,
		`input["parts"][0].line > 1`:                           true,
		`some k; count(input[k]) > 1`:                          true,
		`x := input; count(x.parts) > 1`:                       true,
		`walk(input, [p, v]); v == "x"`:                        true,
		`input.recipients.domains[input.parts[0].line] == "x"`: true,
		`every p in input.parts { p.line > 1 }`:                true,
		`object.get(input, "parts", []) == []`:                 true,
		`{"a": input.parts} == {"a": []}`:                      true,
		`[p | p := input.parts[_]] == []`:                      true,
		`count(input.size) > 1`:                                false,
		`f(input.parts)`:                                       true,
	} {
		m, err := ast.ParseModuleWithOpts("x.rego", "package x\n\nf(_) := true\n\nhit if {\n"+body+"\n}\n", ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		c := ast.NewCompiler()
		if c.Compile(map[string]*ast.Module{"x.rego": m}); c.Failed() {
			t.Fatalf("%s: %v", body, c.Errors)
		}
		if got := len(wantedBy(c).of(f).Parts) > 0; got != want {
			t.Errorf("%s: parts in the input: %v, want %v", body, got, want)
		}
	}
	if len(f.Parts) != 1 {
		t.Error("the facts were changed")
	}
}
