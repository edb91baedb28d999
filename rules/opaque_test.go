package rules

import (
	"slices"
	"testing"

	"postern/rules/facts"
)

// opaqueFacts are those of a template that is too large, has no text part and a placeholder where its sender belongs.
func opaqueFacts() *facts.Facts {
	f := facts.New(facts.KindMessage)
	f.Origin, f.Opaque = facts.OriginTemplate, true
	f.Size.StoredBytes, f.Size.DataBytes = 50_000_000, 50_000_000
	f.Problems = []facts.Problem{
		{ID: "rfc.mime_alt_missingtext", Path: "0", Count: 1},
		{ID: "rfc.address_syntax", Path: "0", Count: 1, Detail: "{{to}}"},
	}
	return f
}

// Of a template whose values are not known, only what stays true for any value is found, and the rest is named as skipped.
func TestJudgeOpaque(t *testing.T) {
	e, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	f := opaqueFacts()
	v := e.Judge(t.Context(), f)
	found := func(id string) bool {
		return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Rule == id })
	}
	skipped := func(id string) int {
		return slices.IndexFunc(v.Skipped, func(s Skipped) bool { return s.Rule == id })
	}
	if v.Outcome == Unjudged || !found("rfc.mime_alt_missingtext") {
		t.Fatalf("verdict %s %q, findings %v: the missing text part is not found", v.Outcome, v.Reason, v.Findings)
	}
	for _, id := range []string{"pair.size_limit", "rfc.address_syntax"} {
		if at := skipped(id); found(id) || at < 0 {
			t.Errorf("%s: found %v, skipped %v; its result depends on values", id, found(id), at >= 0)
		} else if s := v.Skipped[at]; s.Reason != "the message is a template; its values are not known" || s.Remedy == "" {
			t.Errorf("%s: skipped with %q, %q", id, s.Reason, s.Remedy)
		}
	}
	if at := skipped("sender.from_affiliation"); at < 0 || v.Skipped[at].Reason != "no account" {
		t.Error("a rule that needs an account is not skipped for the want of one")
	}
	seen := map[string]bool{}
	for _, s := range v.Skipped {
		if seen[s.Rule] {
			t.Errorf("%s: skipped twice", s.Rule)
		}
		seen[s.Rule] = true
	}
	for _, r := range e.Rules() {
		if r.Enabled && r.Input == InputMessage && !r.Opaque && !seen[r.ID] {
			t.Errorf("%s: not applied and not named as skipped", r.ID)
		}
	}
	f.Opaque = false
	if v = e.Judge(t.Context(), f); !found("pair.size_limit") || !found("rfc.address_syntax") || skipped("pair.size_limit") >= 0 {
		t.Errorf("the same, not opaque: %v, skipped %v", v.Findings, v.Skipped)
	}
}

// A rule that was switched off is neither applied to a template nor named.
func TestJudgeOpaqueDisabled(t *testing.T) {
	e, err := New(t.Context(), Options{Disabled: []string{"pair.size_limit", "rfc.mime_alt_missingtext"}})
	if err != nil {
		t.Fatal(err)
	}
	v := e.Judge(t.Context(), opaqueFacts())
	for _, id := range []string{"pair.size_limit", "rfc.mime_alt_missingtext"} {
		if slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Rule == id }) || slices.ContainsFunc(v.Skipped, func(s Skipped) bool { return s.Rule == id }) {
			t.Errorf("%s is disabled and is named", id)
		}
	}
}

// A template to which no enabled rule can be applied is not passed.
func TestJudgeOpaqueWithoutRules(t *testing.T) {
	e, err := New(t.Context(), Options{Only: []string{"pair.size_limit"}})
	if err != nil {
		t.Fatal(err)
	}
	v := e.Judge(t.Context(), opaqueFacts())
	if len(v.Skipped) != 1 || len(v.Findings) != 0 || v.Outcome != Unjudged {
		t.Errorf("verdict %s, findings %v, skipped %v", v.Outcome, v.Findings, v.Skipped)
	}
}

// A user's rule says for itself whether it is true for any value.
func TestJudgeOpaqueUserRule(t *testing.T) {
	source := func(name, opaque string) Module {
		return Module{Name: name + ".rego", Source: "# METADATA\n# scope: package\n# title: Rule\n# custom:\n#   severity: error\n" + opaque +
			"#   remedy: Do it.\npackage custom.postern.rules.own." + name + "\n\nfindings contains {\"message\": \"found\"} if input.kind == \"message\"\n"}
	}
	e, err := New(t.Context(), Options{Policies: []Module{source("static", "#   opaque: true\n"), source("value", "")}, Only: []string{"own.static", "own.value"}})
	if err != nil {
		t.Fatal(err)
	}
	v := e.Judge(t.Context(), opaqueFacts())
	if len(v.Findings) != 1 || v.Findings[0].Rule != "own.static" || len(v.Skipped) != 1 || v.Skipped[0].Rule != "own.value" {
		t.Errorf("findings %v, skipped %v", v.Findings, v.Skipped)
	}
}

// Rules on templates that say the same as others are known under both names.
func TestSameRules(t *testing.T) {
	alone(t)
	for name, id := range sameRules {
		e, err := New(t.Context(), Options{Only: []string{name}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, r := range e.Rules() {
			if r.Enabled != (r.ID == id) {
				t.Errorf("%s: %s is enabled: %v", name, r.ID, r.Enabled)
			}
		}
	}
}
