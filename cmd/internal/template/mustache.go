package template

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cbroglie/mustache"
)

// The library looks variables up strictly on demand, but never sections, and it names no line and nests partials without
// bound. So a template is first walked with the data, which finds all of that, and then rendered by the library.

func init() { mustache.AllowMissingVariables = false }

// mustacheNode is a tag that looks something up.
type mustacheNode struct {
	sign byte // 0 variable, #, ^ or >
	name string
	line int64
	kids []*mustacheNode
}

type mustacheJob struct {
	*job
	parsed map[string][]*mustacheNode
	used   map[string]*source // partials by name
}

func renderMustache(j *job) error {
	m := &mustacheJob{job: j, parsed: map[string][]*mustacheNode{}, used: map[string]*source{}}
	if j.layout == nil {
		return m.render(&j.src, j.out, j.data, !j.html)
	}
	content := limitWriter{ctx: j.ctx}
	if err := m.render(&j.src, &content, j.data, !j.html); err != nil {
		return err
	}
	return m.render(j.layout, j.out, withContent(j.data, content.buf.String()), !j.html)
}

func (m *mustacheJob) render(s *source, w *limitWriter, data map[string]any, raw bool) error {
	if err := m.walk(s, []any{data}, 0); err != nil {
		return err
	}
	t, err := mustache.ParseStringPartialsRaw(m.prepared(*s), m, raw)
	if err != nil {
		return m.located(s, err)
	}
	return m.located(s, t.FRender(w, mustacheData(data)))
}

// mustacheData is data with what the library prints as Go does, <nil> and 1e+06, in the form that Mustache gives it.
func mustacheData(v any) any {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		if v != 0 {
			return textOf(v)
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = mustacheData(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = mustacheData(x)
		}
		return out
	}
	return v
}

// Get gives the library a partial that the walk has found.
func (m *mustacheJob) Get(name string) (string, error) {
	s := m.used[name]
	if s == nil {
		return "", fmt.Errorf("partial %q was not met before", name)
	}
	if err := m.tick(); err != nil {
		return "", err
	}
	return m.prepared(*s), nil
}

func (m *mustacheJob) located(s *source, err error) error {
	var pe mustache.ParseError
	if errors.As(err, &pe) {
		_, text, _ := strings.Cut(pe.Error(), ": ")
		return m.fail(s, int64(pe.Line), "%s", text)
	}
	return err
}

func (m *mustacheJob) parse(s *source) ([]*mustacheNode, error) {
	if nodes, ok := m.parsed[s.file]; ok {
		return nodes, nil
	}
	tags, serr := scanTags(familyMustache, s.text)
	if serr != nil {
		return nil, m.fail(s, serr.line, "%s", serr.msg)
	}
	root := &mustacheNode{}
	stack := []*mustacheNode{root}
	for _, t := range tags {
		top := stack[len(stack)-1]
		name := strings.TrimSpace(t.inner[1:])
		n := &mustacheNode{sign: t.inner[0], name: name, line: t.line}
		switch t.inner[0] {
		case '!', '=':
			continue
		case '#', '^':
			top.kids = append(top.kids, n)
			stack = append(stack, n)
			continue
		case '/':
			if len(stack) == 1 || top.name != name {
				return nil, m.fail(s, t.line, "{{/%s}} closes nothing that is open", name)
			}
			stack = stack[:len(stack)-1]
			continue
		case '>':
		case '&':
			n.sign = 0
		default:
			n.sign, n.name = 0, t.inner
			if t.inner[0] == '{' {
				n.name = strings.Trim(t.inner, "{} ")
			}
		}
		top.kids = append(top.kids, n)
	}
	if top := stack[len(stack)-1]; top != root {
		return nil, m.fail(s, top.line, "{{%c%s}} is not closed", top.sign, top.name)
	}
	m.parsed[s.file] = root.kids
	return root.kids, nil
}

func (m *mustacheJob) walk(s *source, chain []any, depth int) error {
	nodes, err := m.parse(s)
	if err != nil {
		return err
	}
	return m.walkNodes(s, nodes, chain, depth)
}

func (m *mustacheJob) walkNodes(s *source, nodes []*mustacheNode, chain []any, depth int) error {
	for _, n := range nodes {
		if err := m.tick(); err != nil {
			return m.fail(s, n.line, "%s", err)
		}
		if n.sign == '>' {
			p, err := m.load(n.name, s.file, depth+1)
			if err != nil {
				var ee *EngineError
				if errors.As(err, &ee) {
					return ee
				}
				return m.fail(s, n.line, "partial: %s", err)
			}
			m.used[n.name] = p
			if err := m.walk(p, chain, depth+1); err != nil {
				return err
			}
			continue
		}
		v, ok := mustacheLookup(chain, n.name)
		if !ok {
			return m.fail(s, n.line, "undefined: the data has no %q", n.name)
		}
		if n.sign == 0 {
			switch v.(type) {
			case map[string]any:
				return m.fail(s, n.line, "%s is a mapping, which has no text", n.name)
			case []any:
				return m.fail(s, n.line, "%s is a list, which has no text; {{#%s}}{{.}}{{/%s}} prints its entries", n.name, n.name, n.name)
			}
			continue
		}
		if err := m.section(s, n, v, chain, depth); err != nil {
			return err
		}
	}
	return nil
}

// section walks the inside of a section as often as it is rendered.
func (m *mustacheJob) section(s *source, n *mustacheNode, v any, chain []any, depth int) error {
	empty := mustacheEmpty(v)
	if empty != (n.sign == '^') {
		return nil
	}
	items := []any{chain[len(chain)-1]}
	if n.sign == '#' {
		switch v := v.(type) {
		case []any:
			items = v
		default:
			items = []any{v}
			if _, ok := v.(map[string]any); !ok {
				items[0] = chain[len(chain)-1]
			}
		}
	}
	for _, item := range items {
		if err := m.walkNodes(s, n.kids, append(chain[:len(chain):len(chain)], item), depth); err != nil {
			return err
		}
	}
	return nil
}

// mustacheLookup finds a name as the library does: its first part in the innermost mapping that has it.
func mustacheLookup(chain []any, name string) (any, bool) {
	if name == "." {
		return chain[len(chain)-1], true
	}
	head, rest, dotted := strings.Cut(name, ".")
	for i := len(chain) - 1; i >= 0; i-- {
		m, ok := chain[i].(map[string]any)
		if !ok {
			continue
		}
		if v, ok := m[head]; ok {
			if dotted {
				return mustacheLookup([]any{v}, rest)
			}
			return v, true
		}
	}
	return nil, false
}

// mustacheEmpty is what the library calls empty: null, false, 0, blank text, an empty list; a mapping never is.
func mustacheEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case int:
		return v == 0
	case float64:
		return v == 0
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// textOf is a scalar as text: whole numbers and fractions as they are written.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
