package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// pack is everything that was read of policies, before any of it is compiled.
type pack struct {
	modules  []*module
	rules    []*Rule // in order of id
	clauses  map[string]Clause
	lists    map[string]any
	problems map[string]any // the problem table as Rego sees it
}

// readPack reads the policies of a file system and the user's modules. tests says whether the tests of policies are read too.
func readPack(fsys fs.FS, prefix string, user []Module, tests bool) (*pack, error) {
	p := &pack{}
	var err error
	if p.clauses, err = readClauses(fsys); err != nil {
		return nil, err
	}
	if p.lists, err = readLists(fsys); err != nil {
		return nil, err
	}
	limits, err := readLimits(fsys)
	if err != nil {
		return nil, err
	}
	rows, problems, err := readProblems(fsys)
	if err != nil {
		return nil, err
	}
	p.rules, p.problems = rows, problems
	if p.modules, err = builtinModules(fsys, prefix, tests); err != nil {
		return nil, err
	}
	if err := p.addUser(user, tests); err != nil {
		return nil, err
	}
	for _, m := range p.modules {
		if m.kind != kindRule {
			continue
		}
		if err := checkFindings(m); err != nil {
			return nil, err
		}
		r, err := describe(m, p.clauses)
		if err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(p.rules, func(o *Rule) bool { return o.ID == r.ID }); at >= 0 {
			return nil, fmt.Errorf("%s: the id %s is taken by a rule of %s", m.file, r.ID, p.rules[at].Origin)
		}
		if !m.custom {
			r.Limits = append(r.Limits, limits[r.ID]...)
		}
		p.rules = append(p.rules, r)
	}
	slices.SortFunc(p.rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	return p, nil
}

// addUser parses the user's modules. All that is wrong with them is told at once.
func (p *pack) addUser(user []Module, tests bool) error {
	var errs []error
	seen := map[string]bool{}
	for _, u := range user {
		name := u.Name
		if name == "" {
			name = "policy.rego"
		}
		if seen[name] {
			errs = append(errs, fmt.Errorf("%s: given twice", name))
			continue
		}
		seen[name] = true
		m, err := parseModule(name, u.Source, true, tests)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if m.kind != kindTest || tests {
			p.modules = append(p.modules, m)
		}
	}
	return errors.Join(errs...)
}

func (p *pack) ids() []string {
	ids := make([]string, len(p.rules))
	for i, r := range p.rules {
		ids[i] = r.ID
	}
	return ids
}

// checkFindings refuses a rule whose result could be undefined, which would look like "nothing found".
func checkFindings(m *module) error {
	found := false
	for _, r := range m.parsed.Rules {
		if r.Head.Name != "findings" && (len(r.Head.Reference) == 0 || !r.Head.Reference[0].Equal(ast.VarTerm("findings"))) {
			continue
		}
		if r.Head.RuleKind() != ast.MultiValue || len(r.Head.Reference) > 1 || len(r.Head.Args) > 0 {
			return fmt.Errorf("%s:%d: findings must be a set, written: findings contains {...} if {...}", m.file, r.Location.Row)
		}
		found = true
	}
	if !found {
		return fmt.Errorf("%s:%d: %s defines no findings, so it could never find anything", m.file, m.parsed.Package.Location.Row, m.id)
	}
	return nil
}
