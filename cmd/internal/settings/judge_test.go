package settings

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"postern/rules"
	"postern/rules/facts"
)

// What the policies say of the settings of each fixture, from the files to the findings.
func TestJudge(t *testing.T) {
	engines := map[string]*rules.Engine{}
	for _, name := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			dir := inside(t, name)
			cfg := load(t)
			o, err := cfg.RuleOptions()
			if err != nil {
				t.Fatal(err)
			}
			o.Guards = rules.GuardsVerify
			key := fmt.Sprint(o.Provider, o.Account)
			if engines[key] == nil {
				if engines[key], err = rules.New(t.Context(), o); err != nil {
					t.Fatal(err)
				}
			}
			var paths []string
			if name == "by-text" {
				paths = byText
			}
			settings, _ := Read(paths, cfg)
			f := facts.New(facts.KindSettings)
			f.Settings = append(f.Settings, settings...)
			// The fixtures are judged as if a repository that everybody can read held them.
			for i := range f.Settings {
				f.Settings[i].Tracked = f.Settings[i].Format != "git"
				f.Settings[i].WorldReadable = true
			}
			v := engines[key].JudgeSettings(t.Context(), f)
			var b strings.Builder
			fmt.Fprintf(&b, "%s %s\n", v.Outcome, v.Reason)
			for _, x := range v.Findings {
				fmt.Fprintf(&b, "%s:%d %s %s: %s\n", x.File, x.Line, x.Severity, x.Rule, x.Message)
				if x.Remedy == "" || x.Clause.Text == "" {
					t.Errorf("%s has no remedy or clause", x.Rule)
				}
			}
			for _, s := range v.Skipped {
				fmt.Fprintf(&b, "skipped %s: %s\n", s.Rule, s.Reason)
			}
			compare(t, filepath.Join(dir, "findings.txt"), b.String())
		})
	}
}
