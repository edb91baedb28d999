package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"

	"postern/rules/pattern"

	"go.yaml.in/yaml/v3"
)

// Limit is a number or a list that a rule holds a message against, and where it comes from.
type Limit struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
	// Status is "stated" (a page says so: Quote, Source and Read tell which), "chosen" (ours: Why says why), or "configured"
	// (the user's; Default then holds the value that it replaces).
	Status  string `json:"status"`
	Quote   string `json:"quote,omitempty"`
	Source  string `json:"source,omitempty"`
	Read    string `json:"read,omitempty"`
	Why     string `json:"why,omitempty"`
	Default any    `json:"default,omitempty"`
}

// limitDoc is a limit as limits.yaml and the custom.limits annotation of users' rules spell it.
type limitDoc struct {
	Value  any    `yaml:"value"`
	Status string `yaml:"status"`
	Quote  string `yaml:"quote"`
	Source string `yaml:"source"`
	Read   string `yaml:"read"`
	Why    string `yaml:"why"`
}

func (d limitDoc) limit(name string) (Limit, error) {
	l := Limit{Name: name, Value: d.Value, Status: d.Status, Quote: d.Quote, Source: d.Source, Read: d.Read, Why: d.Why}
	if kindOf(d.Value) == "" {
		return l, fmt.Errorf("limit %s: value %v is neither a number, a text, a truth value nor a list of these", name, d.Value)
	}
	switch {
	case d.Status == "stated" && (d.Quote == "" || d.Source == "" || d.Read == ""):
		return l, fmt.Errorf("limit %s is stated: it needs quote, source and read", name)
	case d.Status == "chosen" && d.Why == "":
		return l, fmt.Errorf("limit %s is chosen: it needs why", name)
	case d.Status != "stated" && d.Status != "chosen":
		return l, fmt.Errorf("limit %s: status %q is neither stated nor chosen", name, d.Status)
	}
	return l, nil
}

// kindOf names the kind of a limit's value, "" for one that cannot be a limit.
func kindOf(v any) string {
	switch v := v.(type) {
	case int, int64, uint64:
		return "number"
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ""
		}
		return "number"
	case string:
		return "text"
	case bool:
		return "truth value"
	case []any:
		for _, e := range v {
			if k := kindOf(e); k == "" || k == "list" {
				return ""
			}
		}
		return "list"
	case []string:
		return "list"
	}
	return ""
}

// readLimits reads every <category>/limits.yaml: rule id to its limits, in order of their names.
func readLimits(fsys fs.FS) (map[string][]Limit, error) {
	all := map[string][]Limit{}
	err := eachFile(fsys, "*/limits.yaml", func(file string, raw []byte) error {
		var doc map[string]map[string]limitDoc
		if err := decodeYAML(raw, &doc); err != nil {
			return err
		}
		for rule, limits := range doc {
			id := path.Dir(file) + "." + rule
			for name, d := range limits {
				l, err := d.limit(name)
				if err != nil {
					return fmt.Errorf("%s: %w", id, err)
				}
				all[id] = append(all[id], l)
			}
			slices.SortFunc(all[id], func(a, b Limit) int { return strings.Compare(a.Name, b.Name) })
		}
		return nil
	})
	return all, err
}

// readClauses reads every <category>/clauses.yaml: "category/key" to its clause.
func readClauses(fsys fs.FS) (map[string]Clause, error) {
	all := map[string]Clause{}
	err := eachFile(fsys, "*/clauses.yaml", func(file string, raw []byte) error {
		var doc map[string]struct{ Quote, Text, Source, Read string }
		if err := decodeYAML(raw, &doc); err != nil {
			return err
		}
		for key, c := range doc {
			if (c.Quote == "") == (c.Text == "") || c.Source == "" || (c.Quote == "") != (c.Read == "") {
				return fmt.Errorf("clause %s needs a source, and either a quote with the date it was read or a text of our own", key)
			}
			all[path.Dir(file)+"/"+key] = Clause{Text: c.Quote + c.Text, Source: c.Source, Read: c.Read}
		}
		return nil
	})
	return all, err
}

// readLists reads every <category>/<rule>/data.yaml: category to rule to its content.
func readLists(fsys fs.FS) (map[string]any, error) {
	all := map[string]any{}
	err := eachFile(fsys, "*/*/data.yaml", func(file string, raw []byte) error {
		var doc map[string]any
		if err := decodeYAML(raw, &doc); err != nil {
			return err
		}
		category, rule := path.Split(path.Dir(file))
		category = strings.TrimSuffix(category, "/")
		if all[category] == nil {
			all[category] = map[string]any{}
		}
		all[category].(map[string]any)[rule] = doc
		return nil
	})
	return all, err
}

func eachFile(fsys fs.FS, pattern string, read func(file string, raw []byte) error) error {
	files, err := fs.Glob(fsys, pattern)
	if err != nil {
		return err
	}
	for _, file := range files {
		raw, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		if err := read(file, raw); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// unknownField is the library's text for a key that a Go type has no field for.
var unknownField = pattern.Of(`\bfield (\S+) not found in type \S+`)

// decodeYAML refuses unknown keys and a second document. An empty file is an empty document.
func decodeYAML(raw []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		var several *yaml.TypeError
		if errors.As(err, &several) {
			list := slices.Clone(several.Errors)
			for i, text := range list {
				list[i] = unknownField().ReplaceAllString(text, "unknown key \"$1\"")
			}
			return errors.New(strings.Join(list, "; "))
		}
		return err
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return errors.New("more than one document")
	}
	return nil
}
