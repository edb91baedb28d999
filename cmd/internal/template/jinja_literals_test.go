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

// TestJinjaFormat holds the filter against what Python's % operator gives.
func TestJinjaFormat(t *testing.T) {
	for text, want := range map[string]string{
		`{{ "%s %s"|format("a", 3) }}`:                       "a 3",
		`{{ "%d%% of %s"|format(50.9, 12.5) }}`:              "50% of 12.5",
		`{{ "%05.2f|%.1f|%8.3f"|format(3, 2, 1) }}`:          "03.00|2.0|   1.000",
		`{{ "%-5s|%5s|%05d|%+d"|format("a", "b", 42, 7) }}`:  "a    |    b|00042|+7",
		`{{ "%(n)s of %(m)d"|format(n="x", m=4) }}`:          "x of 4",
		`{{ "%s %s"|format(gone, true) }}`:                   "None True",
		`{{ "%.2s|%x|%X|%e"|format("abc", 255, 255, 1.5) }}`: "ab|ff|FF|1.500000e+00",
		`{{ "plain"|format }}`:                               "plain",
		`{{ "%s"|format }}`:                                  "error: format has fewer arguments",
		`{{ "%s"|format(1, 2) }}`:                            "error: format has more arguments",
		`{{ "%d"|format("x") }}`:                             "error: format: %d takes a number",
		`{{ "%q"|format(1) }}`:                               "error: format: there is no %q",
		`{{ "%99999d"|format(1) }}`:                          "error: format: a field of 99999 characters",
		`{{ "%(m)s"|format(n=1) }}`:                          `error: format has no argument "m"`,
	} {
		dir := repository(t, map[string]string{"t.txt": text, "data.json": `{"gone": null}`})
		r, err := one(t, dir, Spec{Files: []string{"t.txt"}, Engine: engineJinja, Data: []string{"data.json"}})
		if message, ok := strings.CutPrefix(want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), "t.txt:1: ") || !strings.Contains(err.Error(), message) {
				t.Errorf("%s: %v, want %s", text, err, message)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, got, _ := strings.Cut(string(r.Message), "\r\n\r\n"); strings.TrimSuffix(got, "\r\n") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
