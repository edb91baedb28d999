package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"postern/cmd/internal/quote"
	"postern/rules"
	"postern/rules/pattern"
)

const (
	maxDepth  = 16  // levels of nesting; the deepest key, a list as a limit, has five
	maxErrors = 100 // errors of one kind that a hostile file could repeat on each line
)

// decoder turns a document and the environment into a Config and collects what is wrong.
type decoder struct {
	file string
	now  time.Time
	c    *Config
	errs Errors
	pins []string // those that were read
}

func (d *decoder) fail(at Origin, key, message, remedy string) {
	n := len(d.errs)
	if n > maxErrors || n > 0 && d.errs[n-1].Line == at.Line && d.errs[n-1].Key == key && d.errs[n-1].Message == message {
		return
	}
	if n == maxErrors {
		key, message, remedy = "", fmt.Sprintf("more than %d errors; the rest is not shown", maxErrors), "correct those above first"
	}
	d.errs = append(d.errs, &Error{File: at.File, Line: at.Line, Variable: at.Variable, Key: key, Message: message, Remedy: remedy})
}

func (d *decoder) line(n int) Origin { return Origin{File: d.file, Line: max(n, 1)} }

func (d *decoder) at(n *yaml.Node) Origin { return d.line(n.Line) }

func (d *decoder) finish() (*Config, error) {
	d.crossCheck()
	if err := d.errs.err(); err != nil {
		return nil, err
	}
	return d.c, nil
}

// document reads the YAML text.
func (d *decoder) document(data []byte) {
	if !d.plainText(data) {
		return
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			d.fail(d.line(1), "", "holds no settings", "run postern init to write one")
			return
		}
		d.syntax(err)
		return
	}
	var next yaml.Node
	switch err := dec.Decode(&next); {
	case err == nil:
		d.fail(d.at(&next), "", "a second YAML document begins here", "remove the --- line; one file is one configuration")
	case !errors.Is(err, io.EOF):
		d.syntax(err)
	}
	if len(doc.Content) != 1 {
		d.fail(d.line(1), "", "holds no settings", "run postern init to write one")
		return
	}
	root := doc.Content[0]
	if !d.tame(root, 1) {
		return
	}
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" || root.Kind == yaml.MappingNode && len(root.Content) == 0 {
		d.fail(d.at(root), "", "holds no settings", "run postern init to write one")
		return
	}
	if root.Kind != yaml.MappingNode {
		d.fail(d.at(root), "", "is "+kindOf(root)+", not a list of keys with values", `begin with a line such as "provider: pair"`)
		return
	}
	d.section("", root)
}

// plainText refuses what YAML reads in ways that its writer cannot see: other encodings than UTF-8, control characters and
// tabs that stand for indentation.
func (d *decoder) plainText(data []byte) bool {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		d.fail(d.line(1), "", "is UTF-16", "save it as UTF-8")
		return false
	}
	ok := true
	n := 0
	for line := range bytes.Lines(data) {
		n++
		rest := bytes.TrimLeft(line, " \t")
		if indent := line[:len(line)-len(rest)]; bytes.IndexByte(indent, '\t') >= 0 {
			d.fail(d.line(n), "", "a tab stands in the indentation", "YAML is indented with spaces")
			ok = false
		}
		if !utf8.Valid(line) {
			d.fail(d.line(n), "", "is not UTF-8", "save it as UTF-8")
			ok = false
		} else if i := bytes.IndexByte(line, 0); i >= 0 {
			d.fail(d.line(n), "", "holds a NUL octet", "this is no text file; check the name")
			ok = false
		}
	}
	return ok
}

var yamlLine = pattern.Of(`^yaml: (?:line (\d+): )?(.*)$`)

func (d *decoder) syntax(err error) {
	text, line := err.Error(), 1
	if m := yamlLine().FindStringSubmatch(strings.ReplaceAll(text, "\n", " ")); m != nil {
		text = m[2]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
	}
	d.fail(d.line(line), "", "is not YAML: "+quote.Short(text, 200), "the fault is near this line; quote values that hold : # { } [ ] , & * ! | > ' % @")
}

// tame refuses anchors, aliases, foreign tags and deep nesting anywhere in the tree, so that what follows can trust that each
// node is what it seems to be and that the tree is as small as the file.
func (d *decoder) tame(n *yaml.Node, depth int) bool {
	if depth > maxDepth {
		d.fail(d.at(n), "", fmt.Sprintf("is nested deeper than %d levels", maxDepth), "no key needs that; check the brackets and the indentation")
		return false
	}
	ok := true
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fail(d.at(n), "", "anchors and aliases are not read", "write the value out")
		ok = false
	case n.Style&yaml.TaggedStyle != 0:
		d.fail(d.at(n), "", "the tag "+quote.Short(n.Tag, 40)+" is not read", "write the value without a tag")
		ok = false
	}
	for _, c := range n.Content {
		if n.Kind != yaml.AliasNode && !d.tame(c, depth+1) {
			ok = false
			if depth >= maxDepth-1 {
				break
			}
		}
	}
	return ok
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a group of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!timestamp":
		return "a date"
	}
	return "text"
}

// pairs calls f for each key of a mapping, and reports keys that are no text or stand there twice.
func (d *decoder) pairs(path string, n *yaml.Node, f func(key, name string, k, v *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			d.fail(d.at(k), path, "a key is "+kindOf(k), "write it as name: value")
			continue
		}
		key := join(path, k.Value)
		if first, twice := seen[k.Value]; twice {
			d.fail(d.at(k), key, fmt.Sprintf("stands here twice, first on line %d", first), "remove one of the two")
			continue
		}
		seen[k.Value] = k.Line
		f(key, k.Value, k, v)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// section reads the keys of the document, or of one of its groups, as the table in keys.go has them.
func (d *decoder) section(path string, n *yaml.Node) {
	if path != "" {
		d.c.origins[path] = d.at(n)
	}
	names := children(path)
	d.pairs(path, n, func(key, name string, k, v *yaml.Node) {
		if path != "" && d.c.origins[path].Line > k.Line {
			d.c.origins[path] = d.at(k)
		}
		spec, known := table[key]
		if !known {
			d.unknown(key, name, k, names)
			return
		}
		if !d.kind(key, spec, k, v) {
			return
		}
		d.c.origins[key] = d.at(v)
		if spec.kind == group || spec.kind == freeform || spec.kind == list || spec.kind == entries {
			d.c.origins[key] = d.at(k)
		}
		switch spec.kind {
		case group:
			d.section(key, v)
			d.c.origins[key] = d.at(k)
		case freeform:
			d.freeform(key, v)
		case entries:
			if key == "templates" {
				d.templates(key, v)
			} else {
				d.suppressions(key, v)
			}
		case list:
			for i, item := range v.Content {
				d.item(spec, fmt.Sprintf("%s[%d]", key, i), item)
			}
		default:
			d.set(key, spec, scalar{text: v.Value, at: d.at(v)})
		}
	})
}

func (d *decoder) unknown(key, name string, k *yaml.Node, names []string) {
	if name == "<<" {
		d.fail(d.at(k), key, "merge keys are not read", "write the keys out")
		return
	}
	if len(d.errs) > maxErrors {
		return
	}
	if key == "submission.password" {
		d.fail(d.at(k), key, "a password has no place in this file", passwordRemedy)
		return
	}
	remedy := "known are " + strings.Join(names, ", ")
	if near := Nearest(name, names); near != "" {
		remedy = "did you mean " + near + "?"
	} else if home := homes[strings.ToLower(name)]; home != "" && home != key {
		remedy = "it belongs under another key: " + home
	}
	d.fail(d.at(k), key, "unknown key", remedy)
}

// kind checks that a value has the kind that its key wants.
func (d *decoder) kind(key string, spec spec, k, v *yaml.Node) bool {
	at := d.at(v)
	shown := quoted(v.Value)
	secret := strings.HasPrefix(key, "submission.password")
	if secret {
		shown = "the value" // which can be a password in the wrong place
	}
	if v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
		// The node of an absent value can stand on a later line than its key.
		d.fail(d.at(k), key, "has no value", "give it "+spec.kind.wants()+spec.such()+", or put # before the line")
		return false
	}
	if (spec.kind == group || spec.kind == freeform) != (v.Kind == yaml.MappingNode) || (spec.kind == list || spec.kind == entries) != (v.Kind == yaml.SequenceNode) {
		remedy := "write " + spec.kind.wants() + spec.such()
		if spec.kind == list && v.Kind == yaml.ScalarNode && !secret {
			remedy = "write it as a list: [" + quote.Short(v.Value, 40) + "]"
		}
		d.fail(at, key, "is "+kindOf(v)+", not "+spec.kind.wants(), remedy)
		return false
	}
	switch spec.kind {
	case text, date:
		if v.Tag == "!!str" || spec.kind == date && v.Tag == "!!timestamp" {
			return true
		}
		remedy := "put it in quotes if it is meant so"
		if spec.kind == date {
			remedy = "write year-month-day" + spec.such()
		}
		d.fail(at, key, shown+" reads as "+kindOf(v)+", not as "+spec.kind.wants(), remedy)
		return false
	case integer:
		if v.Tag == "!!int" {
			return true
		}
		remedy := "write digits only" + spec.such()
		if _, err := strconv.ParseInt(v.Value, 10, 64); err == nil {
			remedy = "remove the quotes"
		}
		d.fail(at, key, shown+" is no whole number", remedy)
		return false
	case boolean:
		if v.Tag == "!!bool" {
			return true
		}
		d.fail(at, key, shown+" is neither true nor false", "write true or false, without quotes")
		return false
	}
	return true
}

// item reads one item of a list of texts.
func (d *decoder) item(spec spec, key string, v *yaml.Node) {
	if v.Kind != yaml.ScalarNode || v.Tag != "!!str" || v.Value == "" {
		what := kindOf(v)
		if v.Kind == yaml.ScalarNode && v.Value == "" {
			what = "empty"
		}
		d.fail(d.at(v), key, "is "+what+", not text", "write text"+spec.such())
		return
	}
	d.c.origins[key] = d.at(v)
	d.set(key, spec, scalar{text: v.Value, at: d.at(v)})
}

// set hands a value to its key's own check.
func (d *decoder) set(key string, spec spec, s scalar) {
	if message, remedy := spec.set(d, s); message != "" {
		d.fail(s.at, key, message, remedy)
	}
}

// freeform reads the two groups whose keys are rule ids.
func (d *decoder) freeform(path string, n *yaml.Node) {
	d.pairs(path, n, func(key, id string, k, v *yaml.Node) {
		d.c.origins[key] = d.at(k)
		if message, remedy := checkRuleID(id); message != "" {
			d.fail(d.at(k), key, message, remedy)
			return
		}
		if path == "severities" {
			d.severity(key, id, v)
			return
		}
		if v.Kind != yaml.MappingNode || len(v.Content) == 0 {
			d.fail(d.at(k), key, "is "+emptyOr(v)+", not a group of limits with values", "write the name of the limit below it; postern rules "+id+" shows the names")
			return
		}
		limits := map[string]any{}
		d.pairs(key, v, func(key, name string, k, v *yaml.Node) {
			d.c.origins[key] = d.at(v)
			if !limitName().MatchString(name) {
				d.fail(d.at(k), key, quoted(name)+" is no name of a limit", "postern rules "+id+" shows the names")
				return
			}
			if value, ok := d.limit(key, k, v, true); ok {
				limits[name] = value
			}
		})
		if d.c.Limits == nil {
			d.c.Limits = map[string]map[string]any{}
		}
		d.c.Limits[id] = limits
	})
}

func emptyOr(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode {
		return "empty"
	}
	return kindOf(n)
}

func (d *decoder) severity(key, id string, v *yaml.Node) {
	if v.Kind != yaml.ScalarNode {
		d.fail(d.at(v), key, "is "+kindOf(v)+", not a severity", "write error, warning, info or off")
		return
	}
	d.c.origins[key] = d.at(v)
	switch v.Value {
	case "error", "warning", "info":
		if d.c.Severities == nil {
			d.c.Severities = map[string]rules.Severity{}
		}
		d.c.Severities[id] = rules.Severity(v.Value)
	case "off":
		d.disable(id)
	default:
		d.fail(d.at(v), key, quoted(v.Value)+" is no severity", enumRemedy(v.Value, "error", "warning", "info", "off"))
	}
}

// limit reads the value of a limit: a number, text, true or false, or a list of these.
func (d *decoder) limit(key string, k, v *yaml.Node, lists bool) (any, bool) {
	switch {
	case v.Kind == yaml.SequenceNode && lists:
		out := make([]any, 0, len(v.Content))
		for i, c := range v.Content {
			item, ok := d.limit(fmt.Sprintf("%s[%d]", key, i), c, c, false)
			if !ok {
				return nil, false
			}
			out = append(out, item)
		}
		return out, true
	case v.Kind != yaml.ScalarNode:
		d.fail(d.at(v), key, "is "+kindOf(v)+", not a value", "write a number, text, true, false or a list of these")
		return nil, false
	}
	switch v.Tag {
	case "!!null":
		d.fail(d.at(k), key, "has no value", "give it one, or put # before the line")
		return nil, false
	case "!!int":
		if n, ok := wholeNumber(v.Value); ok {
			return n, true
		}
		d.fail(d.at(v), key, quoted(v.Value)+" is no whole number that can be used", "write digits only, without leading zeros, _ or 0x")
		return nil, false
	case "!!float":
		f, err := strconv.ParseFloat(v.Value, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			d.fail(d.at(v), key, quoted(v.Value)+" is no number that can be used", "write it as 0.5 or 2.25")
			return nil, false
		}
		return f, true
	case "!!bool":
		return strings.EqualFold(v.Value, "true"), true
	}
	return v.Value, true
}

// wholeNumber reads a decimal number as people write it. YAML would take 010 for eight.
func wholeNumber(s string) (int64, bool) {
	digits := strings.TrimPrefix(s, "-")
	if len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && s[0] != '+'
}

// quoted shows an untrusted value.
func quoted(s string) string { return `"` + quote.Short(s, 60) + `"` }
