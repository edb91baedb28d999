package rules

import (
	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

// wanted tells which fields of the input the policies read. What none reads is not built: a list of 10,000 parts costs more
// memory as Rego values than as facts.
type wanted map[ast.Value]bool

// wantedBy looks through compiled policies. It returns nil, everything, when one of them uses the input as a whole or reads a
// field whose name is only known when it is evaluated.
func wantedBy(c *ast.Compiler) wanted {
	w := wanted{}
	whole := false
	for _, m := range c.Modules {
		ast.WalkTerms(m, func(t *ast.Term) bool {
			switch v := t.Value.(type) {
			case ast.Var:
				whole = whole || v.Equal(ast.InputRootDocument.Value)
			case ast.Ref:
				if !v.HasPrefix(ast.InputRootRef) {
					return false
				}
				name, ok := ast.String(""), false
				if len(v) > 1 {
					name, ok = v[1].Value.(ast.String)
				}
				whole = whole || !ok
				w[name] = true
				// The terms behind the name can refer to the input again.
				for _, t := range v[min(2, len(v)):] {
					ast.WalkTerms(t, func(t *ast.Term) bool {
						if r, ok := t.Value.(ast.Ref); ok && r.HasPrefix(ast.InputRootRef) {
							if name, ok := r[min(1, len(r)-1)].Value.(ast.String); ok {
								w[name] = true
							} else {
								whole = true
							}
						}
						return false
					})
				}
				return true
			}
			return false
		})
	}
	if whole {
		return nil
	}
	return w
}

// of gives facts less the lists that are not read. They stay defined, as empty lists.
func (w wanted) of(f *facts.Facts) *facts.Facts {
	if w == nil {
		return f
	}
	g := *f
	if !w[ast.String("parts")] {
		g.Parts = nil
	}
	if !w[ast.String("attachments")] {
		g.Attachments = nil
	}
	if !w[ast.String("embedded_attachments")] {
		g.Embedded = nil
	}
	return &g
}
