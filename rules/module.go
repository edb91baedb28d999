package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// kind is what a module is to the engine, by its package.
type kind int

const (
	kindRule    kind = iota // postern.rules.<category>.<rule>, or the same under custom
	kindLibrary             // postern.lib.<name>, or the same under custom
	kindTest                // either with _test at the end
)

// module is a parsed policy.
type module struct {
	file   string // for messages; unique
	source string
	parsed *ast.Module
	kind   kind
	custom bool
	id     string // of the rule, for kindRule
}

// errPackage is the hint for a module that the engine would never look at.
var errPackage = errors.New("a rule is package custom.postern.rules.<category>.<rule>, a helper package custom.postern.lib.<name>, " +
	"each in lower-case letters, digits and underscores")

// parseModule parses one policy. The package decides what it is; one that nothing would ever evaluate is refused.
func parseModule(file, source string, custom, tests bool) (*module, error) {
	// Behind a byte order mark the annotations would be none of the package.
	source = strings.TrimPrefix(source, "\ufeff")
	parsed, err := ast.ParseModuleWithOpts(file, source, ast.ParserOptions{
		ProcessAnnotation: true, RegoVersion: ast.RegoV1, Capabilities: capabilities(tests),
	})
	if err != nil {
		return nil, err
	}
	if parsed == nil {
		return nil, fmt.Errorf("%s: an empty policy", file)
	}
	m := &module{file: file, source: source, parsed: parsed, custom: custom}
	var names []string
	for _, t := range parsed.Package.Path[1:] {
		s, ok := t.Value.(ast.String)
		if !ok || !plainName(string(s)) {
			return nil, fmt.Errorf("%s:%d: %s: %w", file, parsed.Package.Location.Row, parsed.Package, errPackage)
		}
		names = append(names, string(s))
	}
	written := strings.Join(names, ".")
	if custom && len(names) > 0 && names[0] == "custom" {
		names = names[1:]
	} else if custom {
		return nil, fmt.Errorf("%s:%d: package %s: %w", file, parsed.Package.Location.Row, written, errPackage)
	}
	switch {
	case len(names) == 4 && names[0] == "postern" && names[1] == "rules":
		m.id = names[2] + "." + names[3]
	case len(names) == 3 && names[0] == "postern" && names[1] == "lib":
		m.kind = kindLibrary
	default:
		return nil, fmt.Errorf("%s:%d: package %s: %w", file, parsed.Package.Location.Row, written, errPackage)
	}
	inName, inPackage := strings.HasSuffix(file, "_test.rego"), strings.HasSuffix(names[len(names)-1], "_test")
	switch {
	case inName && inPackage:
		m.kind, m.id = kindTest, strings.TrimSuffix(m.id, "_test")
	case inName != inPackage:
		return nil, fmt.Errorf("%s:%d: package %s: file and package must both end in _test, or neither", file,
			parsed.Package.Location.Row, written)
	}
	return m, nil
}

// plainName tells that s can stand in a rule id, a file name and a flag alike.
func plainName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || c == '_' || i > 0 && '0' <= c && c <= '9') {
			return false
		}
	}
	return s != ""
}

// builtinModules parses the policies of a file system laid out as package policies says. Files are named with prefix.
func builtinModules(fsys fs.FS, prefix string, tests bool) ([]*module, error) {
	var all []*module
	for _, pattern := range []string{"lib/*.rego", "*/*/*.rego"} {
		err := eachFile(fsys, pattern, func(file string, raw []byte) error {
			if strings.HasSuffix(file, "_test.rego") && !tests {
				return nil
			}
			m, err := parseModule(path.Join(prefix, file), string(raw), false, tests)
			if err == nil {
				all = append(all, m)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
