package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
		if got := len(wantedBy(c, c.Modules["x.rego"].Rules).of(f).Parts) > 0; got != want {
			t.Errorf("%s: parts in the input: %v, want %v", body, got, want)
		}
	}
	if len(f.Parts) != 1 {
		t.Error("the facts were changed")
	}
}

// TestSpare: what no rule reads is left out of the facts, and no verdict changes.
func TestSpare(t *testing.T) {
	alone(t)
	all := newEngine(t, Options{Account: fixtureAccount(), Guards: GuardsOff})
	var o facts.Options
	if all.Spare(&o); o.Without&^(facts.Names|facts.Fingerprint) != 0 {
		t.Errorf("all rules together read everything, and %b is left out", o.Without)
	}
	raw := []byte("From: a@example.com\r\nTo: b@example.net\r\nSubject: {{x}}\r\nContent-Type: text/html\r\n\r\n<a href=\"http://x.example/\">{{y}}</a>\r\n")
	messages := map[string][]byte{"template": raw}
	for name, raw := range corpusMessages(t, 100) {
		messages[name] = raw
	}
	spared, sought := 0, 0
	for _, only := range [][]string{
		{"size.message_limit"}, {"size.attachment_cannot_fit"}, {"pair.size_limit", "sender.noreply"}, {"spam.link_ip"}, {"rfc.nul"},
		{"recipients.exposed", "spam.subject_caps"}, {"bulk.list_id"}, {"bulk.unsubscribe_body"}, {"template.filler_todo"},
		{"template.placeholder_unrendered"}, {"spam.text_hidden"}, {"spam.link_mismatch", "spam.text_hidden", "size.html_gmail_clip"},
	} {
		e := newEngine(t, Options{Account: fixtureAccount(), ServerSize: 4000, Only: only, Guards: GuardsOff})
		full, less := facts.Options{Now: fixtureNow}, facts.Options{Now: fixtureNow}
		e.Spare(&less)
		if less.Without&facts.Reading != 0 {
			spared++
		}
		if less.Without&(facts.Prose|facts.Damage) == facts.Prose|facts.Damage {
			sought++
		}
		for name, raw := range messages {
			if len(raw) == 0 {
				continue
			}
			f := corpusFacts(t, raw, nil, less)
			if less.Without&facts.Reading != 0 && (f.Links.Total > 0 || f.Text.PlaceholderCount > 0 || f.Text.HTMLWords > 0) {
				t.Errorf("%v: %s: text was read", only, name)
			}
			want, got := e.Judge(t.Context(), corpusFacts(t, raw, nil, full)), e.Judge(t.Context(), f)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v: %s: %s", only, name, diff)
			}
		}
	}
	if spared != 5 {
		t.Errorf("of %d sets of rules that need no text", spared)
	}
	if sought != spared+4 {
		t.Errorf("of %d sets of rules that need no sentence", sought)
	}
}
