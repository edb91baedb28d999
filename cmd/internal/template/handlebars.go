package template

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"postern/rules/pattern"

	"github.com/mailgun/raymond/v2"
	"github.com/mailgun/raymond/v2/ast"
	"github.com/mailgun/raymond/v2/parser"
)

// The library's evaluator prints nothing for what is undefined, names no line and cannot be stopped. Its parser is used as
// it is; the tree is evaluated here, in the strict mode of Handlebars: a name is looked up in the current context only, and
// must be there.

// hbJob is one rendering with Handlebars.
type hbJob struct {
	*job
	parsed  map[string]*ast.Program
	helpers map[string]hbHelper
	src     *source // the file that is being evaluated
	ctx     []any   // contexts, innermost last
	frames  []hbFrame
	depth   int
	// literals are the texts that stand-ins stand for, see shortened.
	literals []string
}

// hbFrame holds data names (@index) and block parameters.
type hbFrame struct {
	data   map[string]any
	params map[string]any
}

// hbSafe is text that is not escaped.
type hbSafe string

// hbCall is a call of a helper.
type hbCall struct {
	j     *hbJob
	name  string
	args  []any
	hash  map[string]any
	block *ast.BlockStatement // nil outside of a block
	w     io.Writer           // of the block
	line  int64
}

// hbHelper gives a value, or writes its block and gives nil.
type hbHelper func(c *hbCall) any

// hbFail carries an error out of the evaluation.
type hbFail struct{ err error }

func renderHandlebars(j *job) (err error) {
	h := &hbJob{job: j, parsed: map[string]*ast.Program{}, helpers: hbHelpers}
	defer func() {
		switch p := recover().(type) {
		case nil:
		case hbFail:
			err = p.err
		default:
			panic(p)
		}
	}()
	h.frames = []hbFrame{{data: map[string]any{"root": j.data}}}
	if j.layout == nil {
		h.file(&j.src, j.out, j.data)
		return nil
	}
	content := limitWriter{ctx: j.ctx}
	h.file(&j.src, &content, j.data)
	text := hbSafe(content.buf.String())
	h.frames = []hbFrame{{data: map[string]any{"root": j.data, "content": text}}}
	h.file(j.layout, j.out, withContent(j.data, text))
	return nil
}

func (h *hbJob) failf(line int, format string, args ...any) {
	panic(hbFail{h.fail(h.src, int64(line), format, args...)})
}

// raise makes an error at a line, unless err has a place of its own.
func (h *hbJob) raise(line int, err error) {
	var ee *EngineError
	if errors.As(err, &ee) {
		panic(hbFail{ee})
	}
	h.failf(line, "%s", err)
}

var hbParseLine = pattern.Of(`(?s)^Parse error on line (\d+):\s*(.*?)(?:\s*(?:Token|Node): .*)?$`)

// program parses a file once.
func (h *hbJob) program(s *source) *ast.Program {
	if p := h.parsed[s.file]; p != nil {
		return p
	}
	p, err := parser.Parse(h.shortened(h.prepared(*s)))
	if err != nil {
		text, line := err.Error(), 0
		if m := hbParseLine().FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		panic(hbFail{h.fail(s, int64(line), "%s", text)})
	}
	h.parsed[s.file] = p
	return p
}

func (h *hbJob) file(s *source, w io.Writer, ctx any) {
	outer := h.src
	h.src = s
	h.in(ctx, func() { h.statements(h.program(s), w) })
	h.src = outer
}

// in evaluates with ctx as the current context.
func (h *hbJob) in(ctx any, f func()) {
	h.ctx = append(h.ctx, ctx)
	f()
	h.ctx = h.ctx[:len(h.ctx)-1]
}

func (h *hbJob) current() any { return h.ctx[len(h.ctx)-1] }

func (h *hbJob) statements(p *ast.Program, w io.Writer) {
	if p == nil {
		return
	}
	for _, n := range p.Body {
		line := n.Location().Line
		if err := h.tick(); err != nil {
			h.failf(line, "%s", err)
		}
		switch n := n.(type) {
		case *ast.ContentStatement:
			h.write(w, h.literal(n.Value), line)
		case *ast.MustacheStatement:
			h.mustache(n, w)
		case *ast.BlockStatement:
			h.block(n, w)
		case *ast.PartialStatement:
			h.partial(n, w)
		}
	}
}

func (h *hbJob) write(w io.Writer, s string, line int) {
	if _, err := io.WriteString(w, s); err != nil {
		h.failf(line, "%s", err)
	}
}

func (h *hbJob) mustache(n *ast.MustacheStatement, w io.Writer) {
	v := h.expression(n.Expression, nil, w)
	if s, ok := v.(hbSafe); ok {
		h.write(w, string(s), n.Line)
		return
	}
	if _, ok := v.(map[string]any); ok {
		h.failf(n.Line, "%s is a mapping, which has no text", n.Expression.Canonical())
	}
	s := hbText(v)
	if h.html && !n.Unescaped {
		s = raymond.Escape(s)
	}
	h.write(w, s, n.Line)
}

// hbText is a value as text; the entries of a list are joined by commas, as JavaScript does.
func hbText(v any) string {
	switch v := v.(type) {
	case []any:
		all := make([]string, len(v))
		for i, x := range v {
			all[i] = hbText(x)
		}
		return strings.Join(all, ",")
	case hbSafe:
		return string(v)
	}
	return textOf(v)
}

// expression evaluates {{expr}}, (expr) and the head of {{#expr}}. With a block, a helper writes it to w.
func (h *hbJob) expression(e *ast.Expression, block *ast.BlockStatement, w io.Writer) any {
	name := e.HelperName()
	helper := h.helpers[name]
	if helper == nil && name != "" && contains(h.functions, name) {
		helper = hbStandIn
	}
	if name != "" && helper != nil {
		if m, ok := h.current().(map[string]any); !ok || len(e.Params) > 0 || !has(m, name) {
			return h.call(e, name, helper, block, w)
		}
	}
	if len(e.Params) > 0 || e.Hash != nil {
		h.failf(e.Line, "no helper %q; a helper that your program defines is named under functions", e.Canonical())
	}
	if s, ok := e.Path.(*ast.StringLiteral); ok { // {{"a name"}} is the name of an entry
		v, found := hbMember(h.current(), s.Value)
		if !found {
			h.failf(e.Line, "undefined: the data has no %q", s.Value)
		}
		return v
	}
	return h.value(e.Path)
}

func has(m map[string]any, name string) bool {
	_, ok := m[name]
	return ok
}

func (h *hbJob) call(e *ast.Expression, name string, helper hbHelper, block *ast.BlockStatement, w io.Writer) any {
	c := &hbCall{j: h, name: name, hash: h.hash(e.Hash), block: block, w: w, line: int64(e.Line)}
	for _, p := range e.Params {
		c.args = append(c.args, h.value(p))
	}
	return helper(c)
}

func (h *hbJob) hash(n *ast.Hash) map[string]any {
	m := map[string]any{}
	if n != nil {
		for _, p := range n.Pairs {
			m[p.Key] = h.value(p.Val)
		}
	}
	return m
}

// value evaluates an operand.
func (h *hbJob) value(n ast.Node) any {
	switch n := n.(type) {
	case *ast.PathExpression:
		return h.path(n)
	case *ast.SubExpression:
		return h.expression(n.Expression, nil, io.Discard)
	case *ast.Expression:
		return h.expression(n, nil, io.Discard)
	case *ast.StringLiteral:
		return n.Value
	case *ast.BooleanLiteral:
		return n.Value
	case *ast.NumberLiteral:
		return n.Number()
	}
	h.failf(n.Location().Line, "an operand of a kind that is not known")
	return nil
}

func (h *hbJob) path(n *ast.PathExpression) any {
	parts := n.Parts
	if len(parts) == 1 && !n.Scoped && !n.Data && n.Depth == 0 {
		switch parts[0] { // the parser has no literals of these names
		case "null", "undefined":
			return nil
		}
	}
	var v any
	switch {
	case n.Data:
		if len(parts) == 0 {
			h.failf(n.Line, "%q is no name", n.Original)
		}
		ok := false
		for i := len(h.frames) - 1; i >= 0 && !ok; i-- {
			v, ok = h.frames[i].data[parts[0]]
		}
		if !ok {
			h.failf(n.Line, "undefined: @%s", parts[0])
		}
		parts = parts[1:]
	default:
		i := len(h.ctx) - 1 - n.Depth
		if i < 0 {
			h.failf(n.Line, "undefined: %q leads out of the data", n.Original)
		}
		v = h.ctx[i]
		if !n.Scoped && len(parts) > 0 {
			for i := len(h.frames) - 1; i >= 0; i-- {
				if p, ok := h.frames[i].params[parts[0]]; ok {
					v, parts = p, parts[1:]
					break
				}
			}
		}
	}
	for _, part := range parts {
		part = strings.TrimSuffix(strings.TrimPrefix(part, "["), "]")
		next, ok := hbMember(v, part)
		if !ok {
			h.failf(n.Line, "undefined: the data has no %q", n.Original)
		}
		v = next
	}
	return v
}

// hbMember is an entry of a mapping or list.
func hbMember(v any, name string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		x, ok := v[name]
		return x, ok
	case []any:
		if name == "length" {
			return len(v), true
		}
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v) {
			return v[i], true
		}
	case string:
		if name == "length" {
			return len([]rune(v)), true
		}
	}
	return nil, false
}

// block evaluates {{#expr}}: a helper's block, or a section by its value.
func (h *hbJob) block(n *ast.BlockStatement, w io.Writer) {
	if name := n.Expression.HelperName(); name != "" && (h.helpers[name] != nil || contains(h.functions, name)) {
		if m, ok := h.current().(map[string]any); !ok || len(n.Expression.Params) > 0 || !has(m, name) {
			if v := h.expression(n.Expression, n, w); v != nil {
				h.write(w, hbText(v), n.Line)
			}
			return
		}
	}
	v := h.expression(n.Expression, n, w)
	switch list, ok := v.([]any); {
	case !raymond.IsTrue(v):
		h.statements(n.Inverse, w)
	case ok:
		h.each(n, list, w)
	case v == true:
		h.statements(n.Program, w)
	default:
		h.in(v, func() { h.statements(n.Program, w) })
	}
}

// each evaluates a block for the entries of a list.
func (h *hbJob) each(n *ast.BlockStatement, list []any, w io.Writer) {
	for i, x := range list {
		h.entry(n, x, i, i, len(list), w)
	}
}

func (h *hbJob) entry(n *ast.BlockStatement, v, key any, i, of int, w io.Writer) {
	f := hbFrame{data: map[string]any{"index": i, "key": key, "first": i == 0, "last": i == of-1}, params: map[string]any{}}
	if n.Program != nil {
		for k, p := range n.Program.BlockParams {
			switch k {
			case 0:
				f.params[p] = v
			case 1:
				f.params[p] = key
			}
		}
	}
	h.frames = append(h.frames, f)
	h.in(v, func() { h.statements(n.Program, w) })
	h.frames = h.frames[:len(h.frames)-1]
}

func (h *hbJob) partial(n *ast.PartialStatement, w io.Writer) {
	name, ok := ast.HelperNameStr(n.Name)
	if sub, is := n.Name.(*ast.SubExpression); is {
		name, ok = hbText(h.value(sub)), true
	}
	if !ok || name == "" {
		h.failf(n.Line, "a partial without a name")
	}
	var s *source
	h.depth++
	s, err := h.load(name, h.src.file, h.depth)
	if err != nil {
		h.raise(n.Line, err)
	}
	ctx := h.current()
	if len(n.Params) > 0 {
		ctx = h.value(n.Params[0])
	}
	if n.Hash != nil {
		m := h.hash(n.Hash)
		if outer, ok := ctx.(map[string]any); ok {
			for k, v := range outer {
				if !has(m, k) {
					m[k] = v
				}
			}
		}
		ctx = m
	}
	if n.Indent != "" {
		w = &indenter{w: w, indent: n.Indent, start: true}
	}
	h.file(s, w, ctx)
	h.depth--
}

// indenter puts indent before each line that is not empty of text.
type indenter struct {
	w      io.Writer
	indent string
	start  bool
}

func (d *indenter) Write(p []byte) (int, error) {
	for l := range strings.Lines(string(p)) {
		if d.start {
			l = d.indent + l
		}
		d.start = strings.HasSuffix(l, "\n")
		if _, err := io.WriteString(d.w, l); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
