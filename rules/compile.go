package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// newCompiler gives a compiler that is as strict as OPA can be. The annotations that would change an input's type for one
// rule are ignored on purpose.
func newCompiler(tests bool) (*ast.Compiler, error) {
	schema, err := inputSchema()
	if err != nil {
		return nil, err
	}
	return ast.NewCompiler().
		WithCapabilities(capabilities(tests)).
		WithSchemas(schema).
		WithStrict(true).
		WithEnablePrintStatements(tests), nil
}

// compileModules compiles modules and checks that nothing in them reads data that is not there.
func compileModules(modules []*module, data ast.Object) (*ast.Compiler, error) {
	c, err := newCompiler(false)
	if err != nil {
		return nil, err
	}
	all := map[string]*ast.Module{}
	for _, m := range modules {
		if m.kind != kindTest {
			all[m.file] = m.parsed
		}
	}
	if c.Compile(all); c.Failed() {
		return nil, loadError(c.Errors)
	}
	return c, checkRefs(c, modules, data)
}

// loadError puts each error of the compiler on a line of its own, with file and line first.
func loadError(errs ast.Errors) error {
	var out []error
	for _, e := range errs {
		text := e.Message
		if e.Details != nil {
			for _, l := range e.Details.Lines() {
				if l = strings.TrimSpace(l); l != "" && strings.Trim(l, "^ ") != "" {
					text += "; " + l
				}
			}
		}
		if e.Location != nil {
			text = fmt.Sprintf("%s:%d: %s", e.Location.File, e.Location.Row, text)
		}
		out = append(out, errors.New(text))
	}
	return errors.Join(out...)
}

// data builds the document that Rego sees under data.postern besides the policies.
func (p *pack) data(o Options) (ast.Object, error) {
	limits := map[string]any{}
	for _, r := range p.rules {
		for _, l := range r.Limits {
			category, name, _ := strings.Cut(r.ID, ".")
			rules, _ := limits[category].(map[string]any)
			if rules == nil {
				rules = map[string]any{}
				limits[category] = rules
			}
			values, _ := rules[name].(map[string]any)
			if values == nil {
				values = map[string]any{}
				rules[name] = values
			}
			values[l.Name] = l.Value
		}
	}
	v, err := ast.InterfaceToValue(map[string]any{"postern": map[string]any{
		"limits": limits, "lists": p.lists, "problems": p.problems, "account": accountData(o.Account),
		"provider": o.provider(), "server_size": o.ServerSize,
	}})
	if err != nil {
		return nil, err
	}
	return v.(ast.Object), nil
}

func accountData(a *Account) any {
	if a == nil {
		return nil
	}
	return map[string]any{
		"username": a.Username, "created": a.Created, "plan": a.Plan, "server_number": a.ServerNumber,
		"domains": list(a.Domains), "addresses": list(a.Addresses), "dmarc": list(a.DMARC),
		"pairlist_subscribers": a.PairlistSubscribers,
	}
}

// list keeps an empty list from becoming null.
func list(l []string) []any {
	out := make([]any, len(l))
	for i, s := range l {
		out[i] = s
	}
	return out
}

func (o *Options) provider() string {
	if o.Provider == "" {
		return "pair"
	}
	return o.Provider
}

// newStore holds data in the form that evaluation reads without conversion. It is only read from.
func newStore(data ast.Object) storage.Store {
	return inmem.NewFromASTObject(data)
}
