package template

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// strictCases are ways to use a name that the data lacks, nam, or a member that it lacks, user.mail: in the values of filters,
// in conditions, loops, lists, assignments, macros and includes. Each is an error of the engine.
var strictCases = map[string][]string{
	engineGoText: {
		`{{ .nam }}`, `{{ .user.mail }}`, `{{ printf "%s" .nam }}`, `{{ printf "%s %s" .name .user.mail }}`, `{{ len .nam }}`, `{{ .nam | print }}`,
		`{{ if .nam }}x{{ end }}`, `{{ if not .nam }}x{{ end }}`, `{{ if and .name .nam }}x{{ end }}`, `{{ if eq .nam "x" }}x{{ end }}`,
		`{{ if or .none .nam }}x{{ end }}`, `{{ if .none }}x{{ else if .nam }}y{{ end }}`, `{{ with .nam }}x{{ end }}`, `{{ range .nam }}x{{ end }}`,
		`{{ range .items }}{{ .nope }}{{ end }}`, `{{ $x := .nam }}`, `{{ $x := .nam }}{{ $x }}`, `{{ index .user "mail" }}`, `{{ index .items 9 }}`,
		`{{ define "m" }}{{ .nam }}{{ end }}{{ template "m" . }}`, `{{ template "part.txt" .nam }}`, `{{ template "use.txt" . }}`, `{{ block "b" .nam }}x{{ end }}`,
		`{{ with .user }}{{ .mail }}{{ end }}`, `{{ with .user }}{{ $.nam }}{{ end }}`, `{{ (index .items 0).nope }}`, `{{ print .user.mail .name }}`,
	},
	engineGoHTML: {
		`<p title="{{ .nam }}">`, `<a href="{{ .user.mail }}">x</a>`, `<p>{{ if .nam }}x{{ end }}</p>`, `<p>{{ range .nam }}x{{ end }}</p>`, `<p>{{ index .user "mail" }}</p>`,
		`<p>{{ $x := .nam }}{{ $x }}</p>`, `<script>var x = {{ .nam }}</script>`, `<p>{{ template "use.txt" . }}</p>`,
	},
	engineLiquid: {
		`{{ nam }}`, `{{ user.mail }}`, `{{ user['mail'] }}`, `{{ nam | upcase }}`, `{{ nam | default: "x" | append: nam }}`, `{{ name | append: nam }}`, `{{ name | replace: "A", nam }}`,
		`{{ items | map: "nope" }}`, `{{ items | where: "nope", "x" | size }}`, `{{ items | where: "nope" | size }}`, `{{ items | sort_natural: "nope" | size }}`, `{{ items | where: "title", nam }}`, `{{ items | sort: "nope" | size }}`, `{{ items[9].title }}`, `{{ items[nam] }}`,
		`{% if nam %}x{% endif %}`, `{% unless nam %}x{% endunless %}`, `{% if name and nam %}x{% endif %}`, `{% if name == nam %}x{% endif %}`, `{% if nam == nil %}x{% endif %}`,
		`{% if user.mail contains "x" %}y{% endif %}`, `{% if none %}x{% elsif nam %}y{% endif %}`, `{% case nam %}{% when 1 %}x{% endcase %}`, `{% case name %}{% when nam %}x{% endcase %}`,
		`{% for x in nam %}y{% endfor %}`, `{% for x in items %}{{ x.nope }}{% endfor %}`, `{% for x in items limit: nam %}y{% endfor %}`, `{% for i in (1..nam) %}y{% endfor %}`,
		`{% assign x = nam %}`, `{% assign x = nam %}{{ x }}`, `{% assign x = name | append: nam %}`, `{% capture x %}{{ nam }}{% endcapture %}`, `{% tablerow x in nam %}y{% endtablerow %}`,
		`{% include "part.txt", x: nam %}`, `{% include "use.txt" %}`, `{% render "use.txt" %}`, `{% include "part.txt" with nam %}`, `{% cycle nam, name %}`,
		`{{ name | slice: nam }}`, `{% include nam %}`,
	},
	engineHandlebars: {
		`{{nam}}`, `{{user.mail}}`, `{{{nam}}}`, `{{&nam}}`, `{{#if nam}}x{{/if}}`, `{{#unless nam}}x{{/unless}}`, `{{#if user.mail}}x{{/if}}`, `{{#each nam}}x{{/each}}`,
		`{{#with nam}}x{{/with}}`, `{{#each items}}{{nope}}{{/each}}`, `{{#each items}}{{../nam}}{{/each}}`, `{{#with user}}{{mail}}{{/with}}`, `{{#nam}}x{{/nam}}`, `{{^nam}}x{{/nam}}`,
		`{{> part.txt x=nam}}`, `{{> use.txt}}`, `{{> part.txt nam}}`, `{{lookup user "mail"}}`, `{{lookup nam "x"}}`, `{{#if none}}x{{else if nam}}y{{/if}}`, `{{#each items as |it|}}{{it.nope}}{{/each}}`,
		`{{pass nam}}`, `{{pass name x=nam}}`, `{{pass (pass nam)}}`, `{{#if (pass nam)}}x{{/if}}`, `{{items.[9].title}}`, `{{this.nam}}`, `{{#equal nam "x"}}y{{/equal}}`,
	},
	engineMustache: {
		`{{nam}}`, `{{user.mail}}`, `{{{nam}}}`, `{{&nam}}`, `{{#nam}}x{{/nam}}`, `{{^nam}}x{{/nam}}`, `{{#items}}{{nope}}{{/items}}`, `{{#user}}{{mail}}{{/user}}`, `{{> use.txt}}`,
		`{{#user.mail}}x{{/user.mail}}`, `{{#items}}{{#nope}}x{{/nope}}{{/items}}`, `{{=<% %>=}}<% nam %>`,
	},
	engineJinja: {
		`{{ nam }}`, `{{ user.mail }}`, `{{ user['mail'] }}`, `{{ (nam, 1) }}`, `{{ [nam, 1] }}`, `{{ [1, [nam]] }}`, `{{ {'a': nam} }}`, `{{ {'a': [nam]} }}`, `{{ {nam: 1} }}`, `{{ [user.mail] }}`,
		`{{ [nam] | length }}`, `{{ {'a': nam} | length }}`, `{{ {'a': nam}.a }}`, `{{ [nam][0] }}`, `{{ [name, nam][0] }}`,
		`{{ nam | upper }}`, `{{ name | replace('A', nam) }}`, `{{ nam ~ 'x' }}`, `{{ 'x' ~ nam }}`, `{{ nam + 1 }}`, `{{ 1 + nam }}`, `{{ -nam }}`, `{{ not nam }}`, `{{ nam and name }}`, `{{ name and nam }}`,
		`{{ none or nam }}`, `{{ nam == 1 }}`, `{{ 1 == nam }}`, `{{ nam in items }}`, `{{ 1 in [nam] }}`, `{{ 'x' if nam else 'y' }}`, `{{ nam if name else 'y' }}`, `{{ 'y' if none else nam }}`,
		`{{ nam() }}`, `{{ range(nam) }}`, `{{ name[nam] }}`, `{{ items[9] }}`, `{{ items[0].nope }}`, `{{ items | map(attribute='nope') | list }}`, `{{ items | selectattr('nope') | list }}`, `{{ items | rejectattr('nope') | list }}`, `{{ items | groupby('nope') }}`,
		`{{ items | sort(attribute='nope') | list }}`, `{{ items | sum(attribute='nope') }}`, `{{ items | join(',', attribute='nope') }}`, `{{ items | max(attribute='nope') }}`, `{{ items | unique(attribute='nope') | list }}`,
		`{% for x, y in [(nam, 1)] %}y{% endfor %}`, `{% set x, y = nam, 1 %}`, `{{ pass([nam]) }}`, `{{ [items[0].nope] }}`, `{{ not [nam] }}`, `{{ [[name, (1, nam)]] | first }}`,
		`{{ [1, nam] | join(',') }}`, `{{ name is equalto nam }}`, `{{ nam is number }}`, `{{ name | default(nam) }}`, `{{ none | default(nam, true) }}`,
		`{% if nam %}x{% endif %}`, `{% if not nam %}x{% endif %}`, `{% if name == nam %}x{% endif %}`, `{% if none %}x{% elif nam %}y{% endif %}`, `{% if [nam] %}x{% endif %}`, `{% if nam in ['a'] %}x{% endif %}`,
		`{% for x in nam %}y{% endfor %}`, `{% for x in [nam] %}y{% endfor %}`, `{% for x in (nam, 1) %}y{% endfor %}`, `{% for x in items %}{{ x.nope }}{% endfor %}`, `{% for x in items if x.nope %}y{% endfor %}`, `{% for x in items if nam %}y{% endfor %}`,
		`{% set x = nam %}`, `{% set x = nam %}{{ x }}`, `{% set x = [nam] %}`, `{% set x = [nam] %}{{ x }}`, `{% set x = {'a': nam} %}{{ x.a }}`, `{% set x %}{{ nam }}{% endset %}`, `{% set x = (nam, 1) %}{{ x }}`,
		`{% macro m(a) %}{{ a }}{% endmacro %}{{ m(nam) }}`, `{% macro m(a) %}{{ a }}{% endmacro %}{{ m([nam]) }}`, `{% macro m(a) %}{{ nam }}{% endmacro %}{{ m(1) }}`, `{% macro m(a=nam) %}{{ a }}{% endmacro %}{{ m() }}`, `{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}`, `{% macro m(a) %}x{% endmacro %}{{ m(a=nam) }}`,
		`{% include 'use.txt' %}`, `{% include nam %}`, `{% with x = nam %}{{ x }}{% endwith %}`, `{% with x = [nam] %}y{% endwith %}`, `{% filter upper %}{{ nam }}{% endfilter %}`, `{% from 'macro.txt' import m %}{{ m(nam) }}`, `{% import 'macro.txt' as k %}{{ k.m(nam) }}`, `{% import 'macro.txt' as k %}{{ k.nope }}`,
		`{% block b %}{{ nam }}{% endblock %}`, `{% extends 'base.txt' %}{% block b %}{{ (nam, 1) }}{% endblock %}`, `{% call pass(nam) %}x{% endcall %}`,
	},
}

// TestStrict: no engine passes over a name that the data lacks, wherever it is used.
func TestStrict(t *testing.T) {
	for engine, cases := range strictCases {
		for _, text := range cases {
			dir := repository(t, map[string]string{
				"t.txt": "one\n" + text + "\n", "d.json": `{"name": "Ada", "none": null, "no": false, "user": {"name": "Ada"}, "items": [{"title": "a"}, {"title": "b"}]}`,
				"part.txt": "part", "use.txt": useOf[engine], "macro.txt": "{% macro m(a) %}{{ a }}{% endmacro %}", "base.txt": "{% block b %}{% endblock %}",
			})
			kind := "text"
			if engine == engineGoHTML {
				kind = "html"
			}
			units, errs := Units(dir, []Spec{{Files: []string{"t.txt"}, Data: []string{"d.json"}, Engine: engine, Kind: kind, Functions: []string{"pass"}}})
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			r, err := units[0].Render(context.Background())
			var ee *EngineError
			switch {
			case err == nil:
				_, body, _ := strings.Cut(string(r.Message), "\r\n\r\n")
				t.Errorf("%s: %s: no error, but %q", engine, text, body)
			case !errors.As(err, &ee):
				t.Errorf("%s: %s: %v", engine, text, err)
			case ee.Line == 0 || ee.File == "t.txt" && ee.Line != 2 || strings.Contains(ee.Message, "broke down"):
				t.Errorf("%s: %s: %v", engine, text, err)
			}
		}
	}
}

// useOf are files that use what the data lacks.
var useOf = map[string]string{
	engineGoText: "{{ .nam }}", engineGoHTML: "{{ .nam }}", engineLiquid: "{{ nam }}", engineHandlebars: "{{nam}}", engineMustache: "{{nam}}", engineJinja: "{{ nam }}",
}

// TestLiterals: what strictness adds to lists and mappings changes nothing of what they are.
func TestLiterals(t *testing.T) {
	for _, c := range []struct{ engine, text, want string }{
		{engineJinja, `{{ [name, 1][0] }}`, "Ada"},
		{engineJinja, `{{ (name, 1)[0] }}`, "Ada"},
		{engineJinja, `{{ {'a': name}.a }}{{ {'a': name}['a'] }}`, "AdaAda"},
		{engineJinja, `{{ [name, name] | join('-') }}`, "Ada-Ada"},
		{engineJinja, `{{ [[name, 1], [name, 2]] | map('first') | join }}`, "AdaAda"},
		{engineJinja, `{% for a, b in [(name, 1), (name, 2)] %}{{ a }}{{ b }}{% endfor %}`, "Ada1Ada2"},
		{engineJinja, `{% set x = [name] %}{{ x[0] }}`, "Ada"},
		{engineJinja, `{{- [name][0] -}}`, "Ada"},
		{engineJinja, `{% if name in ['Ada', user.name] %}y{% endif %}`, "y"},
		{engineJinja, `{% if name not in (user.name, 'x') %}y{% else %}n{% endif %}`, "n"},
		{engineJinja, `{{ (name) | default('x') }}{{ (nam) | default('x') }}{{ (nam) is defined }}`, "AdaxFalse"},
		{engineJinja, `{{ 'a' if [name] else 'b' }}`, "a"},
		{engineJinja, `{% macro m(a, b=[1, 2]) %}{{ a }}{{ b[1] }}{% endmacro %}{{ m([name][0]) }}`, "Ada2"},
		{engineJinja, `{% include ['gone.txt', 'part.txt'] ignore missing %}`, ""},
		{engineJinja, `{{ "[nam, 1]" }}{{ '(nam, 1)' }}`, "[nam, 1](nam, 1)"},
		{engineJinja, `{{ items | map(attribute='title') | join(',') }}{{ items | selectattr('title', 'equalto', 'a') | map(attribute='title') | join }}`, "b,aa"},
		{engineJinja, `{{ items | selectattr('nope', 'defined') | list | length }}`, "0"},
		{engineJinja, `{{ items | sort(attribute='title') | map(attribute='title') | join }}`, "ab"},
		{engineJinja, `{{ {name: 1, 'b': [name, {'c': name}]}.b[1].c }}`, "Ada"},
		{engineJinja, `{{ name[0:2] }}{{ items[0]['title'] }}`, "Adb"},
		{engineLiquid, `{{ items | sort: "title" | map: "title" | join: "," }}`, "a,b"},
		{engineLiquid, `{{ items | sort_natural: "title" | map: "title" | join: "," }}`, "a,b"},
		{engineLiquid, `{{ "b,A,c" | split: "," | sort | join }}{{ "b,A,c" | split: "," | sort_natural | join: "" }}`, "A b cAbc"},
		{engineLiquid, `{{ items | where: "title", "a" | size }}{{ items | where: "title" | size }}{{ items | where: "title", "z" | size }}`, "120"},
	} {
		dir := repository(t, map[string]string{
			"t.txt": c.text, "d.json": `{"name": "Ada", "user": {"name": "Ada"}, "items": [{"title": "b"}, {"title": "a"}]}`, "part.txt": "part",
		})
		r, err := one(t, dir, Spec{Files: []string{"t.txt"}, Data: []string{"d.json"}, Engine: c.engine, Kind: "text"})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		_, body, _ := strings.Cut(string(r.Message), "\r\n\r\n")
		if got := strings.TrimSpace(body); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}

// TestMappingsAsText: no engine writes a mapping as Go does.
func TestMappingsAsText(t *testing.T) {
	for engine, want := range map[string]string{
		engineHandlebars: "t.txt:1: handlebars: user is a mapping, which has no text",
		engineMustache:   "t.txt:1: mustache: user is a mapping, which has no text",
		engineLiquid:     `{"name":"Ada"}`,
		engineJinja:      "{'name': 'Ada'}",
	} {
		dir := repository(t, map[string]string{"t.txt": "{{ user }}", "data.json": `{"user": {"name": "Ada"}}`})
		r, err := one(t, dir, Spec{Files: []string{"t.txt"}, Engine: engine, Data: []string{"data.json"}})
		got := fmt.Sprint(err)
		if err == nil {
			_, got, _ = strings.Cut(string(r.Message), "\r\n\r\n")
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%s: %q, want %q", engine, got, want)
		}
	}
	dir := repository(t, map[string]string{"t.txt": "x\n{{items}}", "data.json": `{"items": [1, 2]}`})
	_, err := one(t, dir, Spec{Files: []string{"t.txt"}, Engine: engineMustache, Data: []string{"data.json"}})
	if err == nil || !strings.Contains(err.Error(), "t.txt:2: mustache: items is a list, which has no text; {{#items}}{{.}}{{/items}}") {
		t.Error(err)
	}
}

// TestErrorLines: what is no template of its engine, or asks for what cannot be had, is told with the line of the tag, or for a
// block that is never closed with that of the end.
func TestErrorLines(t *testing.T) {
	for engine, cases := range map[string][]string{
		engineJinja: {
			"{% for %}{% endfor %}", "{% for (a, b) in c %}{% endfor %}", "{% set %}", "{% set x %}", "{% if %}x{% endif %}", "{% if a", "{% endif %}", "{% if name %}x", "{% macro %}{% endmacro %}",
			"{% block %}{% endblock %}", "{% block a %}{% endblock %}{% block a %}{% endblock %}", "{% include %}", "{% include 'gone' %}", "{% extends 'gone' %}", "{% import 'gone' as x %}",
			"{% from 'gone' import x %}", "{% from 'use.txt' import nope %}{{ nope() }}", "{{ name | nope }}", "{{ name is nope }}", "{% nope %}", "{{ }}", "{{ name(", "{{ 'a }}", "{{ 1 + }}", "{% with %}x",
			"{% filter nope %}x{% endfilter %}", "{% call name() %}x{% endcall %}", "{{ name.nope() }}", "{{ range('x') }}", "{% raw %}", "{% autoescape %}{% endautoescape %}", "{% do x %}", "{{ name | replace }}", "{{ name | truncate('x') }}",
		},
		engineLiquid: {
			"{% for %}{% endfor %}", "{% for x %}{% endfor %}", "{% if %}x{% endif %}", "{% if a", "{% endif %}", "{% if name %}x", "{% include %}", "{% include 'gone' %}", "{% render 'gone' %}", "{% nope %}", "{{ }}",
			"{{ name | nope }}", "{{ 'a }}", "{% assign x %}", "{% case %}{% endcase %}", "{{ name | divided_by: 0 }}", "{{ 1 | divided_by: 0 }}", "{{ name | date: 1 }}", "{% else %}", "{{ a b c }}",
		},
		engineHandlebars: {
			"{{#if}}x{{/if}}", "{{#if name}}x", "{{/if}}", "{{#if name}}x{{/each}}", "{{nope name}}", "{{> gone}}", "{{", "{{}}", "{{#each}}{{/each}}", "{{name", "{{{name}}", "{{#nope name}}x{{/nope}}", "{{lookup}}", "{{else}}", "{{name 'x}}",
		},
		engineMustache: {"{{#name}}x", "{{/name}}", "{{#a}}{{/b}}", "{{> gone}}", "{{", "{{}}", "{{{name}}", "{{=x}}"},
		engineGoText: {
			"{{ if }}x{{ end }}", "{{ if .name }}x", "{{ end }}", "{{ .name", "{{ nope .name }}", `{{ template "gone" . }}`, "{{ }}", "{{ .name | nope }}", "{{ range }}x{{ end }}", "{{ $x }}", "{{ .name.x }}", `{{ index .name "a" }}`,
			"{{ len 1 }}", "{{ call .name }}", "{{ printf }}", "{{ slice .name 9 }}", "{{ break }}", "{{ define }}{{ end }}",
		},
	} {
		for _, text := range cases {
			dir := repository(t, map[string]string{"t.txt": "one\n" + text + "\n", "use.txt": "x", "d.json": `{"name": "Ada"}`})
			_, err := one(t, dir, Spec{Files: []string{"t.txt"}, Data: []string{"d.json"}, Engine: engine, Kind: "text"})
			var ee *EngineError
			if !errors.As(err, &ee) || ee.File != "t.txt" || ee.Line != 2 && ee.Line != 3 || strings.Contains(ee.Message, "broke down") || strings.Contains(ee.Message, "postern_") {
				t.Errorf("%s: %s: %v", engine, text, err)
			}
		}
	}
}
