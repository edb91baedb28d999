package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/rules/facts"
	"postern/rules/pattern"
)

// maxNodes bounds what following aliases and merge keys can make of a Compose file.
const maxNodes = 50_000

type composeReader struct {
	f      *file
	budget int
}

var yamlError = pattern.Of(`line (\d+)`)

// compose reads the environment of each service. Aliases and merge keys are followed, files that env_file names are not.
func compose(f *file) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(f.text), &doc); err != nil {
		// The parser's text can hold a value of the file.
		line := 1
		if m := yamlError().FindStringSubmatch(err.Error()); m != nil {
			line, _ = strconv.Atoi(m[1])
		}
		f.fail(max(line, 1), "is not YAML")
		return
	}
	if len(doc.Content) == 0 {
		return
	}
	c := &composeReader{f: f, budget: maxNodes}
	for _, p := range c.pairs(doc.Content[0], 0) {
		if p.name != "services" {
			continue
		}
		for _, service := range c.pairs(p.value, 0) {
			for _, key := range c.pairs(service.value, 0) {
				if key.name == "environment" {
					f.variables("compose", service.name, c.environment(key.value))
				}
			}
		}
	}
	// Variables that several services share by an alias stand in the file once.
	seen := map[string]bool{}
	f.settings = slices.DeleteFunc(f.settings, func(s facts.Setting) bool {
		s.Name = ""
		key := fmt.Sprintf("%+v", s)
		again := seen[key]
		seen[key] = true
		return again
	})
	if c.budget <= 0 {
		f.fail(1, "its aliases make it too large; the rest is not read")
	}
}

type composePair struct {
	name  string
	line  int
	value *yaml.Node
}

// target follows an alias. An alias cannot lead to another.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// pairs gives the keys of a mapping with their values; those that a merge key brings come after its own and only if it has
// none of that name.
func (c *composeReader) pairs(n *yaml.Node, depth int) []composePair {
	n = target(n)
	if n == nil || n.Kind != yaml.MappingNode || depth > 10 {
		return nil
	}
	var out, merged []composePair
	for i := 0; i+1 < len(n.Content); i += 2 {
		if c.budget--; c.budget <= 0 {
			break
		}
		k, v := target(n.Content[i]), target(n.Content[i+1])
		switch {
		case k == nil || v == nil:
		case k.Tag != "!!merge":
			out = append(out, composePair{k.Value, k.Line, v})
		case v.Kind == yaml.SequenceNode:
			for _, e := range v.Content {
				merged = append(merged, c.pairs(e, depth+1)...)
			}
		default:
			merged = append(merged, c.pairs(v, depth+1)...)
		}
	}
	have := map[string]bool{}
	for _, p := range out {
		have[p.name] = true
	}
	for _, p := range merged {
		if !have[p.name] {
			have[p.name] = true
			out = append(out, p)
		}
	}
	return out
}

// environment gives the variables of a mapping or of a list of NAME=value. A name without a value comes from the machine
// that runs the service.
func (c *composeReader) environment(n *yaml.Node) []variable {
	var vars []variable
	if n = target(n); n.Kind == yaml.SequenceNode {
		for _, e := range n.Content {
			if c.budget--; c.budget <= 0 {
				break
			}
			if e = target(e); e == nil || e.Kind != yaml.ScalarNode {
				continue
			}
			if name, value, ok := strings.Cut(e.Value, "="); ok {
				vars = append(vars, variable{strings.ToUpper(strings.TrimSpace(name)), value, e.Line})
			}
		}
		return vars
	}
	for _, p := range c.pairs(n, 0) {
		if p.value.Kind == yaml.ScalarNode && p.value.Tag != "!!null" {
			vars = append(vars, variable{strings.ToUpper(p.name), p.value.Value, p.line})
		}
	}
	slices.SortStableFunc(vars, func(a, b variable) int { return a.line - b.line })
	return vars
}
