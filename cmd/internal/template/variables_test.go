package template

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// shortly writes variables as name:line and what is told of them: u undeclared, d default, g guarded.
func shortly(all []Variable) string {
	var words []string
	for _, v := range all {
		marks := ""
		for _, m := range []struct {
			is   bool
			mark string
		}{{v.Undeclared, "u"}, {v.Default, "d"}, {v.Guarded, "g"}} {
			if m.is {
				marks += m.mark
			}
		}
		words = append(words, strings.TrimSuffix(fmt.Sprintf("%s:%d %s", v.Name, v.Line, marks), " "))
	}
	return strings.Join(words, ", ")
}

func TestVariables(t *testing.T) {
	var d declared
	d.add(map[string]any{"name": "Ada", "user": map[string]any{"email": "x"}, "items": []any{map[string]any{"title": "a"}}})
	for _, c := range []struct {
		name string
		fam  family
		text string
		want string
	}{
		{"declared", familyLiquid, "{{ name }} {{ user.email | upcase }}", "name:1, user.email:1"},
		{"misspelt", familyLiquid, "{{ nmae }}\n{{ user.mail }}", "nmae:1 u, user.mail:2 u"},
		{"in a branch", familyLiquid, "{% if vip %}\n{{ vip_nmae }}{% endif %}", "vip_nmae:2 u"},
		{"guarded", familyLiquid, "{% if coupon %}{{ coupon.code }}{% else %}{{ coupn }}{% endif %}{{ coupon }}", "coupon.code:1 g, coupn:1 u, coupon:1 u"},
		{"guarded by elsif", familyLiquid, "{% if a %}{% elsif b %}{{ b }}{% endif %}", "b:1 g"},
		{"default", familyLiquid, `{{ first_name | default: "there" }}`, "first_name:1 d"},
		{"default in Jinja2", familyJinja, `{{ first_name|d("there") }} {{ first_name }}`, "first_name:1 d, first_name:1 u"},
		{"asked for", familyJinja, "{% if coupon is defined %}x{% endif %}{{ coupon }}", ""},
		{"assigned", familyLiquid, "{% assign total = items.size %}{% capture x %}y{% endcapture %}{{ total }}{{ x }}", ""},
		{"loop", familyLiquid, "{% for item in items %}{{ item.title }}{{ item.titel }}{{ forloop.index }}{% endfor %}", ""},
		{"loop in Jinja2", familyJinja, "{% for k, v in items %}{{ k }}{{ v }}{{ loop.index }}{% endfor %}{{ items.title }}", "items.title:1"},
		{"macro", familyJinja, "{% macro m(a, b=1) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}", ""},
		{"import", familyJinja, "{% from 'x' import m as n %}{{ n }}{% import 'y' as z %}{{ z.w }}", ""},
		{"members", familyLiquid, "{{ items.size }}{{ items.first.title }}{{ items.0.title }}", "items.size:1, items.first.title:1, items.0.title:1"},
		{"handlebars", familyHandlebars, "{{nmae}}{{{name}}}{{#each items}}{{title}}{{titel}}{{@index}}{{this}}{{../name}}{{/each}}{{upper name}}", "nmae:1 u, name:1, title:1, titel:1 u"},
		{"handlebars block parameters", familyHandlebars, "{{#each items as |it|}}{{it.title}}{{/each}}", ""},
		{"handlebars condition", familyHandlebars, "{{#if coupon}}{{coupon}}{{else}}{{x}}{{/if}}", "coupon:1 g, x:1 u"},
		{"mustache", familyMustache, "{{nmae}}{{#coupon}}{{coupon}}{{/coupon}}{{^x}}{{x}}{{/x}}{{> footer}}{{! nothing }}", "nmae:1 u, coupon:1 g, x:1 g"},
		{"go", familyGo, "{{.name}}{{.nmae}}{{if .vip}}{{.vip}}{{end}}{{$x := .y}}{{$x}}{{name}}{{range .items}}{{.title}}{{end}}", "name:1, nmae:1 u, vip:1 g, title:1"},
		{"services", familyHandlebars, "{{unsubscribe_url}}{{{ pm:unsubscribe }}}{{{@content}}}{{content}}", ""},
		{"comments", familyLiquid, "{% comment %}{{ nmae }}{% endcomment %}{% raw %}{{ nmae }}{% endraw %}", ""},
		{"once", familyLiquid, "{{ nmae }}\n{{ nmae }}", "nmae:1 u"},
		{"not closed", familyLiquid, "{{ nmae }}{{ x", ""},
	} {
		if got := shortly(variables(c.fam, source{"t", c.text, 1}, &d, nil)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := shortly(variables(familyLiquid, source{"t", "{{ nmae }}", 1}, &declared{}, nil)); got != "nmae:1" {
		t.Errorf("without samples: %s", got)
	}
	if got := shortly(variables(familyLiquid, source{"t", "{{ nmae }}", 1}, &d, []string{"nmae"})); got != "" {
		t.Errorf("functions: %s", got)
	}
}

// TestVariablesOfUnits: all samples of a template count together, the first of its messages has the names, and header fields
// and the other body belong to it.
func TestVariablesOfUnits(t *testing.T) {
	dir := repository(t, map[string]string{
		"t.html": "---\nsubject: 'For {{ whom }}'\nvip_name: x\n---\n<p>{% if vip %}{{ vip_nmae }}{{ code }}{{ page.vip_name }}{% endif %}</p>",
		"t.txt":  "{% if vip %}{{ other }}{% endif %}", "a.json": `{"vip": false, "whom": "x"}`, "b.json": `{"vip": false, "code": "X", "whom": ""}`,
	})
	units, errs := Units(dir, []Spec{{
		Files: []string{"t.html"}, Text: "t.txt", Data: []string{"*.json"}, Engine: "liquid", To: "{% if vip %}{{ too }}{% endif %}",
		File: "postern.yaml", Lines: map[string]int{"to": 9},
	}})
	if len(errs) > 0 || len(units) != 2 {
		t.Fatalf("%v, %d units", errs, len(units))
	}
	first, err := units[0].Render(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range first.Variables {
		if v.Undeclared {
			got = append(got, fmt.Sprintf("%s %s:%d", v.Name, v.File, v.Line))
		}
	}
	if want := "vip_nmae t.html:5, other t.txt:1, too postern.yaml:9"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
	second, err := units[1].Render(context.Background())
	if err != nil || len(second.Variables) > 0 {
		t.Errorf("%v, %v", second.Variables, err)
	}
}

// TestVariablesBeside: what lies beside a template declares names, if it holds any of them.
func TestVariablesBeside(t *testing.T) {
	const text = "<p>{{ name }} {{ nmae }}</p>"
	for _, c := range []struct {
		about, file, text string
		files             map[string]string
		want              string
	}{
		{"nothing", "welcome.html", text, nil, ""},
		{"sample", "welcome.html", text, map[string]string{"welcome.json": `{"name": 1}`}, "nmae:1"},
		{"yaml sample", "welcome.html.liquid", text, map[string]string{"welcome.sample.yml": "name: 1"}, "nmae:1"},
		{"all names", "welcome.html", text, map[string]string{"welcome.json": `{"name": 1}`, "welcome.data.json": `{"nmae": 1}`}, ""},
		{"another kind of file", "welcome.html", text, map[string]string{"welcome.json": `{"subject": "Hi", "from": "x"}`}, ""},
		{"of another template", "welcome.html", text, map[string]string{"order.json": `{"name": 1}`, "data.json": `{"name": 1}`}, ""},
		{"a directory for each", "content.html", text, map[string]string{"data.json": `{"name": 1}`}, "nmae:1"},
		{"meta.json", "content.html", text, map[string]string{"meta.json": `{"Name": "x", "TestRenderModel": {"name": 1}}`}, "nmae:1"},
		{"meta.json without a model", "content.html", text, map[string]string{"meta.json": `{"name": "x", "Subject": "y"}`}, ""},
		{"front matter", "welcome.html", "---\nvariables: [name]\n---\n" + text, nil, "nmae:4"},
		{"front matter with a sample", "welcome.html", "---\nsample: {name: x}\n---\n" + text, nil, "nmae:4"},
		{"front matter of something else", "welcome.html", "---\nname: x\n---\n" + text, nil, ""},
		{"no JSON", "welcome.html", text, map[string]string{"welcome.json": `{"name`}, ""},
	} {
		files := map[string]string{"deep/" + c.file: c.text}
		for name, content := range c.files {
			files["deep/"+name] = content
		}
		dir := repository(t, files)
		f, ok := Recognise(c.file, []byte(c.text))
		if !ok {
			t.Fatalf("%s: no template", c.about)
		}
		var got []string
		for _, v := range f.Variables(filepath.ToSlash(filepath.Join(dir, "deep", c.file)), []byte(c.text)) {
			if v.Undeclared {
				got = append(got, fmt.Sprintf("%s:%d", v.Name, v.Line))
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v, want %s", c.about, got, c.want)
		}
	}
}
