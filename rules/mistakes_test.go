package rules

import (
	"strings"
	"testing"
)

const mistakeHead = "# METADATA\n# scope: package\n# title: T\n# description: D\n# custom:\n#   severity: error\n#   remedy: R\n"

// TestAuthorsMistakes: the words of an error are those of the file that its author wrote.
func TestAuthorsMistakes(t *testing.T) {
	const rule = "package custom.postern.rules.my.x\n\nfindings contains {\"message\": \"a\"} if true\n"
	for _, c := range []struct{ name, source, want string }{
		{"a mistyped annotation", strings.Replace(mistakeHead, "remedy", "remdy", 1) + rule,
			`x.rego:8: annotations of my.x: custom: unknown key "remdy"; there are severity, clause, remedy,`},
		{"a mistyped key of a limit", mistakeHead + "#   limits:\n#     most: {valu: 3}\n" + rule, `unknown key "valu"`},
		{"a byte order mark", "\ufeff" + mistakeHead + rule, ""},
	} {
		_, err := New(t.Context(), Options{Policies: []Module{{Name: "x.rego", Source: c.source}}})
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "rules.")):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}
