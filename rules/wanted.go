package rules

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/rules/facts"
)

// wanted tells which fields of the input the policies read: "size" and, of that, "size.data_bytes", or "size.*" where it is not
// known which or where the whole is used. What none reads is not built: a list of 10,000 parts costs more memory as Rego values
// than as facts. Nil is everything.
type wanted map[string]bool

// wantedBy looks through what compiled rules can evaluate. It returns nil, everything, when some of it uses the input as a whole
// or reads a field whose name is only known when it is evaluated.
func wantedBy(c *ast.Compiler, roots []*ast.Rule) wanted {
	w := wanted{}
	whole := false
	field := func(r ast.Ref) {
		if len(r) < 2 {
			whole = true
			return
		}
		name, ok := r[1].Value.(ast.String)
		if whole = whole || !ok; !ok {
			return
		}
		w[string(name)] = true
		inner := "*"
		if len(r) > 2 {
			if s, ok := r[2].Value.(ast.String); ok {
				inner = string(s)
			}
		}
		w[string(name)+"."+inner] = true
	}
	seen := map[*ast.Rule]bool{}
	var look func(*ast.Rule)
	look = func(r *ast.Rule) {
		if r == nil || seen[r] {
			return
		}
		seen[r] = true
		ast.WalkTerms(r, func(t *ast.Term) bool {
			switch v := t.Value.(type) {
			case ast.Var:
				whole = whole || v.Equal(ast.InputRootDocument.Value)
			case ast.Ref:
				if !v.HasPrefix(ast.InputRootRef) {
					return false
				}
				field(v)
				// The terms behind the name can refer to the input again.
				for _, t := range v[min(2, len(v)):] {
					ast.WalkTerms(t, func(t *ast.Term) bool {
						if r, ok := t.Value.(ast.Ref); ok && r.HasPrefix(ast.InputRootRef) {
							field(r)
						}
						return false
					})
				}
				return true
			}
			return false
		})
		look(r.Else)
		for dep := range c.Graph.Dependencies(r) {
			look(dep.(*ast.Rule))
		}
	}
	for _, r := range roots {
		look(r)
	}
	if whole {
		return nil
	}
	return w
}

// placeholderFields and hiddenFields are what facts.Placeholders and facts.Hidden are, as fields.
var (
	placeholderFields = []string{"text.placeholders", "text.placeholder_count"}
	hiddenFields      = []string{"text.hidden_text", "text.hidden_sample"}
)

// any tells that one of the fields is read.
func (w wanted) any(names ...string) bool {
	return w == nil || slices.ContainsFunc(names, func(name string) bool { return w[name] })
}

// Spare has facts.Make leave out what no rule of the engine reads, and put off what only the text shows until Judge comes to a rule
// that reads it. The verdicts are the same.
func (e *Engine) Spare(o *facts.Options) {
	spare := func(s facts.Set, read bool) {
		if !read {
			o.Without |= s
		}
	}
	w := e.wanted
	spare(facts.Inside, w.any("attachments", "embedded_attachments"))
	spare(facts.Archived, w.any("archived_files"))
	spare(facts.Damage, w.any("problems"))
	spare(facts.Census, w.any("lines", "problems"))
	spare(facts.Names, w.any("header.*", "header.names", "header.message_id"))
	spare(facts.Fingerprint, w.any("text.*", "text.fingerprint"))
	reading, prose := w == nil, w == nil
	for field := range w {
		if field == "text" || !facts.Late(field) {
			continue
		}
		reading = true
		switch group, _, _ := strings.Cut(field, "."); {
		case group == "links", group == "problems":
		case slices.Contains(placeholderFields, field), slices.Contains(hiddenFields, field):
		default:
			prose = true
		}
	}
	spare(facts.Reading, reading)
	spare(facts.Prose, prose)
	spare(facts.Targets, w.any("links"))
	spare(facts.Placeholders, prose || w.any(placeholderFields...))
	spare(facts.Hidden, prose || w.any(hiddenFields...))
	o.Later = true
}

// of gives complete facts less the lists that are not read. They stay defined, as empty lists.
//
// OPA has the texts of the input for as long as it likes: an evaluation that was given up goes on, and patterns that a policy takes
// from the input are kept with what they were compiled to.
func (w wanted) of(f *facts.Facts) *facts.Facts {
	f.Complete()
	if f.Keep != nil {
		f.Keep()
	}
	if w == nil {
		return f
	}
	g := *f
	if !w["parts"] {
		g.Parts = nil
	}
	if !w["attachments"] {
		g.Attachments = nil
	}
	if !w["embedded_attachments"] {
		g.Embedded = nil
	}
	if !w["archived_files"] {
		g.Archived = nil
	}
	return &g
}
