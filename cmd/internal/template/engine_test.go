package template

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// repository writes files into a new directory.
func repository(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// one renders the only unit of a spec.
func one(t testing.TB, dir string, s Spec) (*Rendered, error) {
	t.Helper()
	units, errs := Units(dir, []Spec{s})
	if len(errs) > 0 || len(units) != 1 {
		t.Fatalf("Units: %d units, %v", len(units), errs)
	}
	return units[0].Render(context.Background())
}

const sample = `{"name": "Ada", "user": {"email": "ada@example.net", "nothing": null}, "items": [{"title": "Pen"}], "yes": true, "none": null, "big": 1000000, "price": 12.5, "map": {"b": 2, "a": 1}}`

// engine is what each engine writes for the same template.
type dialect struct {
	name, file                                                    string
	undefined, undefinedMember, undefinedIf, undefinedLoop        string
	nullIf, syntax, missing, recursion, endless, huge, deepMember string
	partial                                                       string
}

var dialects = []dialect{
	{
		name: engineGoText, file: "t.txt.tmpl",
		undefined: "{{.nam}}", undefinedMember: "{{.user.mail}}", undefinedIf: "{{if .nam}}x{{end}}", undefinedLoop: "{{range .itms}}x{{end}}",
		nullIf: "{{if .none}}x{{end}}{{if .user.nothing}}x{{end}}", syntax: "{{if .name}}", missing: `{{template "gone.txt" .}}`,
		recursion: `{{define "a"}}x{{template "a" .}}{{template "a" .}}{{end}}{{template "a" .}}`,
		endless:   "{{range 10000000000000}}{{end}}", huge: "{{range 10000000000}}HUGE{{end}}",
		deepMember: `{{index .user "mail"}}`, partial: `{{template "part.txt" .}}`,
	},
	{
		name: engineGoHTML, file: "t.html.tmpl",
		undefined: "<p>{{.nam}}</p>", undefinedMember: "{{.user.mail}}", undefinedIf: "{{if .nam}}x{{end}}", undefinedLoop: "{{range .itms}}x{{end}}",
		nullIf: "<p>{{if .none}}x{{end}}{{if .user.nothing}}x{{end}}</p>", syntax: "<p>{{if .name}}", missing: `{{template "gone.txt" .}}`,
		recursion: `{{define "a"}}x{{template "a" .}}{{template "a" .}}{{end}}<p>{{template "a" .}}</p>`,
		endless:   "{{range 10000000000000}}{{end}}", huge: "<p>{{range 10000000000}}HUGE{{end}}</p>",
		deepMember: `<p>{{index .items 3}}</p>`, partial: `<p>{{template "part.txt" .}}</p>`,
	},
	{
		name: engineLiquid, file: "t.html",
		undefined: "{{ nam }}", undefinedMember: "{{ user.mail }}", undefinedIf: "{% if nam %}x{% endif %}", undefinedLoop: "{% for i in itms %}x{% endfor %}",
		nullIf: "{% if none %}x{% endif %}{% if user.nothing == nil %}{% endif %}{{ none }}", syntax: "{% if name %}", missing: `{% include 'gone' %}`,
		recursion: `{% include 'self.html' %}`,
		endless:   "{% for i in (1..10000000000000) %}{% endfor %}", huge: "{% for i in (1..10000000000) %}HUGE{% endfor %}",
		deepMember: "{% for i in items %}{{ i.titel | upcase }}{% endfor %}", partial: "{% include 'part.txt' %}",
	},
	{
		name: engineHandlebars, file: "t.html",
		undefined: "{{nam}}", undefinedMember: "{{user.mail}}", undefinedIf: "{{#if nam}}x{{/if}}", undefinedLoop: "{{#each itms}}x{{/each}}",
		nullIf: "{{#if none}}x{{/if}}{{#with user}}{{#if nothing}}x{{/if}}{{/with}}{{none}}", syntax: "{{#if name}}", missing: "{{> gone}}",
		recursion:  "{{> self.html}}",
		endless:    "{{#each @root.items}}{{> self.html}}{{> self.html}}{{/each}}",
		deepMember: "{{#each items}}{{name}}{{/each}}", partial: "{{> part.txt}}",
	},
	{
		name: engineMustache, file: "t.html",
		undefined: "{{nam}}", undefinedMember: "{{user.mail}}", undefinedIf: "{{#nam}}x{{/nam}}", undefinedLoop: "{{^itms}}x{{/itms}}",
		nullIf: "{{#none}}x{{/none}}{{#user}}{{^nothing}}{{/nothing}}{{/user}}{{none}}", syntax: "{{#name}}", missing: "{{> gone}}",
		recursion: "{{> self.html}}", endless: "{{#items}}{{> self.html}}{{> self.html}}{{/items}}",
		deepMember: "{{#items}}{{titel}}{{/items}}", partial: "{{> part.txt}}",
	},
	{
		name: engineJinja, file: "t.html",
		undefined: "{{ nam }}", undefinedMember: "{{ user.mail }}", undefinedIf: "{% if nam %}x{% endif %}", undefinedLoop: "{% for i in itms %}x{% endfor %}",
		nullIf: "{% if none %}x{% endif %}{% if user.nothing %}x{% endif %}{{ none }}", syntax: "{% if name %}", missing: `{% include 'gone' %}`,
		recursion:  `{% include 'self.html' %}`,
		endless:    "{% for i in range(1000000) %}{% for j in range(1000000) %}{% endfor %}{% endfor %}",
		huge:       "{% for i in range(2000) %}HUGE{% endfor %}",
		deepMember: "{% for i in items if i.titel %}x{% endfor %}", partial: "{% include 'part.txt' %}",
	},
}

// TestFaults gives each engine the same faults, on line 3 of a template, and wants each named with its line.
func TestFaults(t *testing.T) {
	for _, d := range dialects {
		faults := []struct{ what, text, want string }{
			{"undefined name", d.undefined, "undefined"},
			{"undefined member", d.undefinedMember, "undefined"},
			{"undefined condition", d.undefinedIf, "undefined"},
			{"undefined loop", d.undefinedLoop, "undefined"},
			{"undefined in depth", d.deepMember, "undefined"},
			{"syntax", d.syntax, ""},
			{"missing include", d.missing, "gone"},
		}
		for _, f := range faults {
			t.Run(d.name+"/"+f.what, func(t *testing.T) {
				dir := repository(t, map[string]string{d.file: "one\ntwo\n" + f.text + "\nfour\n", "data.json": sample})
				r, err := one(t, dir, Spec{Files: []string{d.file}, Engine: d.name, Data: []string{"data.json"}})
				var ee *EngineError
				if !errors.As(err, &ee) {
					t.Fatalf("error %v, message %+v", err, r)
				}
				if ee.File != d.file || ee.Line < 3 || f.what != "syntax" && ee.Line != 3 || ee.Engine != d.name || !strings.Contains(ee.Message, f.want) {
					t.Errorf("error %+v", ee)
				}
				if strings.Contains(ee.Message, "postern_") || strings.Contains(ee.Message, "gonja") || len(ee.Message) > 600 {
					t.Errorf("message is not for users: %s", ee.Message)
				}
			})
		}
	}
}

// TestJinjaGaps: places where the library lets undefined names pass.
func TestJinjaGaps(t *testing.T) {
	for _, text := range []string{
		"{% for x in [nam] %}y{% endfor %}", "{{ nam is none }}", "{{ items|map(attribute='nope')|join }}", "{{ [1, nam]|first }}",
		"{% for x in items if nam %}y{% endfor %}", "{{ name|replace('a', nam) }}", "{{ name|default(nam) }}", "{{ not nam }}", "{{ nam == 1 }}",
		"{{ items[7] }}", "{% include nam %}", "{{ 'x' if nam else 'y' }}", "{% set z = nam %}", "{% filter upper %}{{ nam }}{% endfilter %}",
	} {
		dir := repository(t, map[string]string{"t.html": "\n" + text, "data.json": sample})
		r, err := one(t, dir, Spec{Files: []string{"t.html"}, Engine: engineJinja, Data: []string{"data.json"}})
		var ee *EngineError
		if !errors.As(err, &ee) || !strings.Contains(ee.Message, "undefined") || ee.Line != 2 {
			t.Errorf("%s: %v %v", text, err, r)
		}
	}
	for _, text := range []string{"{{ nam is defined }}False", "{{ nam|default('False') }}False", "{{ nam is undefined and false }}False", "{{ items|map(attribute='nope', default='')|join }}FalseFalse"} {
		dir := repository(t, map[string]string{"t.html": text, "data.json": sample})
		r, err := one(t, dir, Spec{Files: []string{"t.html"}, Engine: engineJinja, Data: []string{"data.json"}})
		if err != nil || !strings.HasSuffix(string(r.Message), "FalseFalse\r\n") {
			t.Errorf("%s: %v %v", text, err, r)
		}
	}
}

// TestNull: null is how data says that a name can be missing; it is no error in any engine. Only Jinja2 prints a word for it.
func TestNull(t *testing.T) {
	for _, d := range dialects {
		dir := repository(t, map[string]string{d.file: d.nullIf, "data.json": sample})
		r, err := one(t, dir, Spec{Files: []string{d.file}, Engine: d.name, Data: []string{"data.json"}})
		if err != nil {
			t.Errorf("%s: %v", d.name, err)
			continue
		}
		_, text, _ := strings.Cut(string(r.Message), "\r\n\r\n")
		if d.name == engineJinja {
			text = strings.Replace(text, "None", "", 1)
		}
		if strings.ContainsAny(text, "xN") || strings.Contains(text, "nil") {
			t.Errorf("%s: %q", d.name, text)
		}
	}
}

// TestLimits: what would run for ever, recurse or fill the memory ends with an error that says so.
func TestLimits(t *testing.T) {
	for _, d := range dialects {
		for _, f := range []struct{ what, text, want string }{
			{"recursion", d.recursion, "nest deeper"},
			{"endless", d.endless, "takes too long|nest deeper|more than 10000 files"},
			{"huge", d.huge, "more than 67108864 octets"},
		} {
			if f.text == "" {
				continue
			}
			t.Run(d.name+"/"+f.what, func(t *testing.T) {
				f.text = strings.ReplaceAll(f.text, "HUGE", strings.Repeat("0123456789", 5000))
				dir := repository(t, map[string]string{d.file: "\n" + f.text, "self.html": f.text, "data.json": sample})
				units, errs := Units(dir, []Spec{{Files: []string{d.file}, Engine: d.name, Data: []string{"data.json"}}})
				if len(errs) > 0 {
					t.Fatal(errs)
				}
				ctx := context.Background()
				if f.what == "endless" {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
					defer cancel()
				}
				_, err := units[0].Render(ctx)
				var ee *EngineError
				if !errors.As(err, &ee) {
					t.Fatalf("error %v", err)
				}
				ok := false
				for w := range strings.SplitSeq(f.want, "|") {
					ok = ok || strings.Contains(ee.Message, w)
				}
				if !ok {
					t.Errorf("error %q, want %q", err, f.want)
				}
			})
		}
	}
}

// TestEscapes: files are included from the template's directory and the include directories, and from nowhere else.
func TestEscapes(t *testing.T) {
	for _, d := range dialects {
		for _, name := range []string{"../secret", "/etc/passwd", "sub/../../secret", "link", "loop"} {
			include := strings.Replace(d.partial, "part.txt", name, 1)
			dir := repository(t, map[string]string{"mail/" + d.file: include, "secret": "SECRET", "data.json": sample})
			outside := filepath.Join(t.TempDir(), "outside")
			if err := os.WriteFile(outside, []byte("SECRET"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(dir, "mail", "link")); err != nil {
				t.Skip(err)
			}
			if err := os.Symlink("loop", filepath.Join(dir, "mail", "loop")); err != nil {
				t.Skip(err)
			}
			r, err := one(t, dir, Spec{Files: []string{"mail/" + d.file}, Engine: d.name, Data: []string{"data.json"}})
			if err == nil {
				t.Errorf("%s included %s: %s", d.name, name, r.Message)
			} else if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s told what is in %s: %v", d.name, name, err)
			}
		}
	}
}

// TestPartials: an included file is found in both places, and an error in it names it.
func TestPartials(t *testing.T) {
	for _, d := range dialects {
		for _, dir := range []string{"mail", "parts"} {
			files := map[string]string{"mail/" + d.file: "top\n" + d.partial + "\n", dir + "/part.txt": "one\ninside\n", "data.json": sample}
			s := Spec{Files: []string{"mail/" + d.file}, Engine: d.name, Data: []string{"data.json"}, Includes: []string{"parts"}}
			r, err := one(t, repository(t, files), s)
			if err != nil {
				t.Errorf("%s: %v", d.name, err)
				continue
			}
			if !strings.Contains(string(r.Message), "inside") {
				t.Errorf("%s: %s", d.name, r.Message)
			}
			files[dir+"/part.txt"] = "one\n" + d.undefined + "\n"
			_, err = one(t, repository(t, files), s)
			var ee *EngineError
			if !errors.As(err, &ee) || ee.File != dir+"/part.txt" || ee.Line != 2 {
				t.Errorf("%s: error %v", d.name, err)
			}
		}
	}
}

// TestDataStays: a template that changes its data does not change it for the next rendering.
func TestDataStays(t *testing.T) {
	dir := repository(t, map[string]string{"t.html": "{% do items.append(1) %}{{ items|length }}", "data.json": sample})
	r, err := one(t, dir, Spec{Files: []string{"t.html"}, Engine: engineJinja, Data: []string{"data.json"}})
	if err != nil {
		t.Skip(err) // the library may not have the method
	}
	if !strings.Contains(string(r.Message), "\r\n\r\n2") {
		t.Errorf("%s", r.Message)
	}
}

// TestValues: numbers are written as the data has them.
func TestValues(t *testing.T) {
	for _, d := range dialects {
		text := "{{ big }} {{ price }}"
		if strings.HasPrefix(d.name, "go") {
			text = "{{.big}} {{.price}}"
		}
		dir := repository(t, map[string]string{d.file: text, "data.json": sample})
		r, err := one(t, dir, Spec{Files: []string{d.file}, Engine: d.name, Data: []string{"data.json"}})
		if err != nil {
			t.Errorf("%s: %v", d.name, err)
		} else if !strings.HasSuffix(string(r.Message), "\r\n\r\n1000000 12.5\r\n") {
			t.Errorf("%s: %s", d.name, r.Message)
		}
	}
}

// TestFunctions: functions of the sending program are errors until they are declared.
func TestFunctions(t *testing.T) {
	for _, c := range []struct{ engine, file, text string }{
		{engineGoText, "t.txt", "{{shout .name}}"},
		{engineGoHTML, "t.html", "{{.name | shout}}"},
		{engineLiquid, "t.html", "{{ name | shout: 1 }}"},
		{engineHandlebars, "t.html", "{{shout name}}"},
		{engineJinja, "t.html", "{{ name | shout }}"},
	} {
		dir := repository(t, map[string]string{c.file: c.text, "data.json": sample})
		s := Spec{Files: []string{c.file}, Engine: c.engine, Data: []string{"data.json"}}
		if _, err := one(t, dir, s); err == nil || !strings.Contains(err.Error(), "shout") {
			t.Errorf("%s: error %v", c.engine, err)
		}
		s.Functions = []string{"shout"}
		r, err := one(t, dir, s)
		if err != nil || !strings.HasSuffix(string(r.Message), "\r\n\r\nAda\r\n") {
			t.Errorf("%s: error %v, message %v", c.engine, err, r)
		}
	}
}

// TestRepeatable: the same template gives the same message.
func TestRepeatable(t *testing.T) {
	for _, c := range []struct{ engine, text string }{
		{engineLiquid, "{% for p in map %}{{ p[0] }}{{ p[1] }}{% endfor %}{{ 'now' | date: '%Y' }}"},
		{engineHandlebars, "{{#each map}}{{@key}}{{this}}{{/each}}2024"},
		{engineJinja, "{% for k, v in map.items() %}{{ k }}{{ v }}{% endfor %}2024"},
		{engineJinja, "{% for k in map %}{{ k }}{{ map[k] }}{% endfor %}2024"},
	} {
		dir := repository(t, map[string]string{"t.html": c.text, "data.json": sample})
		for range 5 {
			r, err := one(t, dir, Spec{Files: []string{"t.html"}, Engine: c.engine, Data: []string{"data.json"}})
			if err != nil {
				t.Errorf("%s: %v", c.engine, err)
			} else if !strings.HasSuffix(string(r.Message), "\r\n\r\na1b22024\r\n") {
				t.Errorf("%s: %s", c.engine, r.Message)
			}
		}
	}
}

// TestNesting: what libraries would recurse on without bound is refused before they see it.
func TestNesting(t *testing.T) {
	const n = 1000
	for _, d := range dialects {
		open, close := "{{ ", " }}"
		block := "{% if name %}"
		switch d.name {
		case engineGoText, engineGoHTML:
			block = "{{if .name}}"
		case engineHandlebars:
			block = "{{#if name}}"
		case engineMustache:
			block = "{{#name}}"
		}
		for what, text := range map[string]string{
			"brackets": open + strings.Repeat("(", n) + "name" + close, "lists": open + strings.Repeat("[", n) + close,
			"members": open + "x" + strings.Repeat(".x", n) + close, "indices": open + "x" + strings.Repeat("[0]", n) + close,
			"operators": open + "x" + strings.Repeat(" + x", n) + close, "words": open + strings.Repeat("not ", n) + "x" + close,
			"filters": open + "x" + strings.Repeat("|e", n) + close, "blocks": strings.Repeat(block, n/2),
			"long": open + "\"" + strings.Repeat("x", 70000) + "\"" + close,
		} {
			dir := repository(t, map[string]string{d.file: text, "data.json": sample})
			_, err := one(t, dir, Spec{Files: []string{d.file}, Engine: d.name, Data: []string{"data.json"}})
			var ee *EngineError
			if !errors.As(err, &ee) || !strings.Contains(ee.Message, "nested deeper") && !strings.Contains(ee.Message, "a tag of more") || ee.Line != 1 {
				t.Errorf("%s %s: %v", d.name, what, err)
			}
		}
	}
}
