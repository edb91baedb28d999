package rules

import (
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// checkRefs refuses references to data that is not there. OPA lets them pass: they are undefined when evaluated, and a rule
// with a mistyped limit would pass every message.
func checkRefs(c *ast.Compiler, modules []*module, data ast.Object) error {
	known := data
	if account, err := ast.InterfaceToValue(accountData(&Account{})); err == nil {
		// The fields of the account can be named although there is none.
		with, _ := ast.InterfaceToValue(map[string]any{"postern": map[string]any{"account": account}})
		if merged, ok := without(data, "account").Merge(with.(ast.Object)); ok {
			known = merged
		}
	}
	var errs []error
	for _, m := range modules {
		if c.Modules[m.file] == nil { // a test, where tests are not compiled
			continue
		}
		ast.WalkRefs(c.Modules[m.file], func(ref ast.Ref) bool {
			if ref.HasPrefix(ast.DefaultRootRef) && !exists(c, known, ref.GroundPrefix()) {
				line := 0
				if loc := ref[0].Location; loc != nil {
					line = loc.Row
				}
				errs = append(errs, fmt.Errorf("%s:%d: %s does not exist", m.file, line, ref.GroundPrefix()))
			}
			return false
		})
	}
	return errors.Join(errs...)
}

// without gives data less one field of data.postern.
func without(data ast.Object, field string) ast.Object {
	inner := ast.NewObject()
	if p := data.Get(ast.StringTerm("postern")); p != nil {
		p.Value.(ast.Object).Foreach(func(k, v *ast.Term) {
			if !k.Equal(ast.StringTerm(field)) {
				inner.Insert(k, v)
			}
		})
	}
	return ast.NewObject([2]*ast.Term{ast.StringTerm("postern"), ast.NewTerm(inner)})
}

// exists tells that a ground reference leads to data, or to a package, or to a rule or into its value.
func exists(c *ast.Compiler, data ast.Object, ref ast.Ref) bool {
	if len(ref) == 1 {
		return true
	}
	if c.RuleTree.Find(ref) != nil || len(c.GetRulesForVirtualDocument(ref)) > 0 {
		return true
	}
	_, err := data.Find(ref[1:])
	return err == nil
}
