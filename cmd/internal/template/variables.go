package template

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"postern/rules/pattern"
)

// A Variable is a name that a template writes the value of, where that is all its tag does: {{ name }}, {{ user.name | upcase }}.
type Variable struct {
	// Name is as it is written, such as user.name.
	Name string
	// File and Line are the place of the first tag of that kind. File is below the root, or the name that Found.Variables was
	// given.
	File string
	Line int64
	// Undeclared tells that sample data is there and holds no such name, at no depth, and that the template does not define it.
	Undeclared bool
	// Default tells that the tag says what to write for a missing value, Guarded that a condition around it looks at the name.
	Default, Guarded bool
	// HasDefault tells that the engine has a way to write a default.
	HasDefault bool
}

// maxVariables bounds what is kept of one template.
const maxVariables = 200

// maxVariableName bounds the octets of a name that is looked at.
const maxVariableName = 100

// declared are the names that sample data holds, at any depth. The zero value is that of a template without any.
type declared struct {
	known bool
	names map[string]bool
}

func (d *declared) add(v any) {
	d.known = true
	if d.names == nil {
		d.names = map[string]bool{}
	}
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			d.names[k] = true
			d.add(x)
		}
	case []any:
		for _, x := range v {
			d.add(x)
		}
	}
}

// simpleName is a tag that writes a name's value, perhaps through filters: the name, its first letter being one that names
// begin with, and what follows it.
var simpleName = pattern.Of(`^[{&]?\s*(\$?\.?[A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*(\|.*)?\}?$`)

// given are names that engines, layouts and mailing services define themselves, in lower case.
var given = map[string]bool{
	"this": true, "forloop": true, "loop": true, "self": true, "super": true, "content": true, "body": true, "yield": true, "caller": true, "varargs": true,
	"kwargs": true, "page": true, "site": true, "true": true, "false": true, "nil": true, "null": true, "none": true, "else": true, "now": true, "end": true,
	"unsubscribe": true, "unsubscribe_url": true, "unsubscribe_link": true, "unsubscribeurl": true, "preferences_url": true, "view_in_browser_url": true,
	"block": true, "tablerowloop": true, "empty": true, "blank": true, "break": true, "continue": true,
}

// members are what engines know of any value.
var members = map[string]bool{"size": true, "first": true, "last": true, "length": true, "count": true, "index": true, "key": true, "value": true, "keys": true, "values": true, "items": true}

// variables finds the names that s writes, in order, each name once for each way to write it. functions are names that only
// the sending program defines.
func variables(fam family, s source, d *declared, functions []string) []Variable {
	tags, err := scanTags(fam, s.text)
	if err != nil || fam == familyNone {
		return nil
	}
	own := ownNames(fam, tags)
	for _, name := range functions {
		own[name] = true
	}
	var all []Variable
	var around [][]string // the names in the conditions of the open blocks
	for i := range tags {
		t := &tags[i]
		if t.kind == tagComment {
			continue
		}
		if t.kind == tagBlock {
			around = enclosing(fam, t.inner, around)
			continue
		}
		m := simpleName().FindStringSubmatch(t.inner)
		if m == nil || len(m[1]) > maxVariableName || len(all) >= maxVariables {
			continue
		}
		name := strings.TrimPrefix(m[1], "$")
		if fam != familyGo && strings.HasPrefix(name, ".") || fam == familyGo && !strings.HasPrefix(name, ".") {
			continue
		}
		name = strings.TrimPrefix(name, ".")
		path := strings.Split(name, ".")
		if own[path[0]] || given[strings.ToLower(path[0])] {
			continue
		}
		v := Variable{Name: name, File: s.file, Line: s.line + t.line - 1, HasDefault: fam == familyLiquid || fam == familyJinja}
		v.Default = defaultFilter().MatchString(m[2])
		v.Guarded = slices.ContainsFunc(around, func(names []string) bool { return slices.Contains(names, path[0]) })
		v.Undeclared = d.known && !v.Default && !v.Guarded && slices.ContainsFunc(path, func(p string) bool {
			return !d.names[p] && !members[p] && !isNumber(p)
		})
		if !slices.ContainsFunc(all, func(o Variable) bool {
			return o.Name == v.Name && o.Default == v.Default && o.Guarded == v.Guarded
		}) {
			all = append(all, v)
		}
	}
	return all
}

// defaultFilter is Liquid's and Jinja2's, Django's form of it, and Twig's.
var defaultFilter = pattern.Of(`\|\s*(?:default\w*|d)\b`)

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

// words are the names in a tag, without what stands in quotes. Of a path it is the first part.
func words(inner string) []string {
	var out []string
	for _, w := range tagWords().FindAllString(quotedTexts().ReplaceAllString(inner, "''"), -1) {
		if w[0] != '.' {
			out = append(out, w)
		}
	}
	return out
}

var (
	tagWords    = pattern.Of(`\.?[A-Za-z_][\w-]*`)
	quotedTexts = pattern.Of(`"[^"]*"|'[^']*'`)
)

// ownNames are the names that a template defines itself: loops, assignments, macros and their parameters, imports, block
// parameters. Where it is not plain which, all names of the tag are.
func ownNames(fam family, tags []tag) map[string]bool {
	own := map[string]bool{}
	add := func(s string) {
		for _, w := range words(s) {
			own[w] = true
		}
	}
	for _, t := range tags {
		if t.kind == tagComment {
			continue
		}
		switch fam {
		case familyLiquid, familyJinja:
			if t.kind != tagBlock {
				continue
			}
			switch word := firstWord(t.inner); word {
			case "for", "tablerow":
				defined, _, _ := strings.Cut(t.inner, " in ")
				add(defined)
			case "assign", "set":
				defined, _, _ := strings.Cut(t.inner, "=")
				add(defined)
			case "if", "elsif", "elif", "else", "unless", "case", "when":
				// {% if name is defined %} asks whether there is one.
				if strings.Contains(t.inner, "defined") {
					add(t.inner)
				}
			default:
				add(t.inner)
			}
		case familyHandlebars, familyMustache:
			if _, params, ok := strings.Cut(t.inner, "|"); ok && t.kind == tagBlock {
				add(params)
			}
			if t.kind == tagBlock && strings.HasPrefix(t.inner, ">") || strings.HasPrefix(t.inner, "*") {
				add(t.inner)
			}
		}
	}
	return own
}

// enclosing gives the names that the conditions of the open blocks look at, behind a tag.
func enclosing(fam family, inner string, around [][]string) [][]string {
	open, close := false, false
	word := firstWord(inner)
	switch fam {
	case familyGo:
		open, close = slices.Contains([]string{"if", "range", "with", "define", "block"}, word), word == "end"
	case familyLiquid, familyJinja:
		open, close = blocks[word] || word == "set" && !strings.Contains(inner, "="), strings.HasPrefix(word, "end")
	default:
		open, close = strings.HasPrefix(inner, "#") || strings.HasPrefix(inner, "^") && len(inner) > 1, strings.HasPrefix(inner, "/")
	}
	names := words(inner)
	switch {
	case open:
		if fam == familyGo {
			names = strings.FieldsFunc(inner, func(r rune) bool { return strings.ContainsRune(" .()|", r) })
		}
		return append(slices.Clip(around), names)
	case close && len(around) > 0:
		return around[:len(around)-1]
	case len(around) > 0: // else if, elsif, when
		last := len(around) - 1
		return append(slices.Clip(around[:last]), slices.Concat(around[last], names))
	}
	return around
}

// Variables are the names that a file writes which f was found in, b. What lies beside it in the work tree can declare names:
// sample data of the same name (welcome.json, welcome.sample.yaml; beside content.html also sample.json and data.json), the
// test model of Postmark's meta.json, and "variables" or "sample" of its own front matter. A file that holds none of the
// names is something else than sample data. file is the path of the template, with slashes.
func (f Found) Variables(file string, b []byte) []Variable {
	fam := familyNone
	if e, ok := engines[f.Syntax]; ok {
		fam = e.family
	} else if f.Syntax == "liquid or jinja2" {
		fam = familyJinja
	}
	src := source{file, string(b), 1}
	all := variables(fam, src, &declared{}, nil)
	if len(all) == 0 {
		return nil
	}
	if d := beside(file, b, all); d.known {
		return variables(fam, src, d, nil)
	}
	return all
}

// beside gives the names that are declared for a template which no configuration speaks of.
func beside(file string, b []byte, used []Variable) *declared {
	var d declared
	take := func(v any) {
		var own declared
		own.add(v)
		if slices.ContainsFunc(used, func(u Variable) bool {
			name, _, _ := strings.Cut(u.Name, ".")
			return own.names[name]
		}) {
			d.add(v)
		}
	}
	if front, _, line, _, ok := splitFront(b); ok {
		if page, err := decodeYAML(file, front, line); err == nil {
			for _, key := range []string{"variables", "sample"} {
				take(namesOf(page[key]))
			}
		}
	}
	t, err := openTree(filepath.FromSlash(path.Dir(file)))
	if err != nil {
		return &d
	}
	defer t.close()
	base := path.Base(file)
	stems := []string{stem(base), stem(base) + ".sample", stem(base) + ".data"}
	if slices.Contains([]string{"content", "index", "body", "template", "email", "message"}, stem(base)) {
		stems = append(stems, "sample", "data")
	}
	for _, s := range stems {
		for _, ext := range []string{".json", ".yaml", ".yml"} {
			if name := s + ext; name != base && name != metaName {
				if data, err := t.data(name); err == nil {
					take(data)
				}
			}
		}
	}
	if meta, err := t.data(metaName); err == nil {
		for key, v := range meta {
			if squash(key) == "testrendermodel" {
				take(v)
			}
		}
	}
	return &d
}

// namesOf makes names of a list of names, and leaves sample data as it is.
func namesOf(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	names := map[string]any{}
	for _, x := range list {
		if s, ok := x.(string); ok {
			names[s] = nil
		}
	}
	return names
}

// data reads a data file of the tree.
func (t *tree) data(name string) (map[string]any, error) {
	if !t.exists(name) {
		return nil, fs.ErrNotExist
	}
	b, err := t.read(name, maxDataBytes)
	if err != nil {
		return nil, err
	}
	return decodeData(name, b)
}
