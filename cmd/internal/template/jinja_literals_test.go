package template

import (
	"strings"
	"testing"
)

// TestJinjaNone: the sending program's Jinja2 writes None for a null, so the message that is judged has it.
func TestJinjaNone(t *testing.T) {
	for text, want := range map[string]string{
		"{{ gone }}":                                           "None",
		"{{- gone -}}":                                         "None",
		"Hi {{ gone }}, {{ name }}!":                           "Hi None, Ada!",
		"{{ gone if name else name }}":                         "None",
		"{{ name if gone else gone }}":                         "None",
		"{{ name if gone }}":                                   "",
		"{{ gone or 'x' }}":                                    "x",
		"{{ gone|default('x', true) }}":                        "x",
		"{{ {'if': gone}['if'] }}":                             "None",
		"{{ 'a if b' }}":                                       "a if b",
		"{{ '<b>'|safe }}{{ '<b>' }}":                          "<b>&lt;b&gt;",
		"{% set x = gone %}{{ x }}":                            "None",
		"{% macro m(a) %}<{{ a }}>{% endmacro %}{{ m(gone) }}": "<None>",
	} {
		dir := repository(t, map[string]string{"t.html": text, "data.json": `{"gone": null, "name": "Ada"}`})
		r, err := one(t, dir, Spec{Files: []string{"t.html"}, Engine: engineJinja, Data: []string{"data.json"}})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, got, _ := strings.Cut(string(r.Message), "\r\n\r\n"); strings.TrimSuffix(got, "\r\n") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
