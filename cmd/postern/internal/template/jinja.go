package template

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	controls "github.com/nikolalohinski/gonja/v2/builtins/control_structures"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
)

// The library's errors tell a line but not the file, of which there are several with extends, include and import. Each
// loaded file is therefore preceded by a comment of so many lines that no two files share a line number.

const (
	jinjaTick   = "postern_tick"
	jinjaEnter  = "postern_enter"
	jinjaLeave  = "postern_leave"
	jinjaStrict = "postern_strict"
)

// jinjaJob is one rendering with Jinja2.
type jinjaJob struct {
	*job
	base  int64 // lines handed out so far
	files []jinjaFile
	calls int
}

// jinjaFile is a loaded file and its line numbers.
type jinjaFile struct {
	from, to int64 // the library's lines of the file: from < line <= to
	src      *source
}

func renderJinja(j *job) error {
	g := &jinjaJob{job: j}
	if j.layout == nil {
		return g.render(&j.src, j.out, j.data)
	}
	var content limitWriter
	content.ctx = j.ctx
	if err := g.render(&j.src, &content, j.data); err != nil {
		return err
	}
	return g.render(j.layout, j.out, withContent(j.data, exec.AsSafeValue(content.buf.String())))
}

func (g *jinjaJob) render(s *source, w io.Writer, data map[string]any) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case jinjaPanic:
			err = g.located(p, s)
		default:
			panic(p)
		}
	}()
	cfg := config.New()
	cfg.StrictUndefined = true
	cfg.AutoEscape = g.html
	cfg.KeepTrailingNewline = true
	env := &exec.Environment{
		Context:           g.context(),
		Filters:           exec.NewFilterSet(map[string]exec.FilterFunction{}).Update(builtins.Filters),
		Tests:             jinjaTestSet(),
		ControlStructures: exec.NewControlStructureSet(map[string]parser.ControlStructureParser{}).Update(builtins.ControlStructures),
		Methods:           builtins.Methods,
	}
	if err := g.strengthen(env); err != nil {
		return err
	}
	t, err := exec.NewTemplate(s.file, cfg, jinjaLoader{g, s, s.file, 0}, env)
	if err != nil {
		return g.located(err, s)
	}
	env.Context = env.Context.Inherit().Update(exec.NewContext(data))
	r := exec.NewRenderer(env, io.Discard, cfg, jinjaLoader{g, s, s.file, 0}, t)
	// What a template that extends another sets outside of its blocks; the library passes over it.
	for level := t.Root(); level.Parent != nil; level = level.Parent {
		for _, n := range level.Nodes {
			if c, ok := n.(*nodes.ControlStructureBlock); ok && contains([]string{"macro", "set", "import", "from"}, c.Name) {
				if err := nodes.Walk(r, c); err != nil {
					return g.located(err, s)
				}
			}
		}
	}
	r.Output = w
	if err := r.Execute(); err != nil {
		return g.located(err, s)
	}
	return nil
}

// context holds the global functions. What would read a clock or dice is left out.
func (g *jinjaJob) context() *exec.Context {
	c := exec.EmptyContext().Update(builtins.GlobalFunctions)
	c.Set("lipsum", func(*exec.VarArgs) *exec.Value { return exec.AsSafeValue("Lorem ipsum dolor sit amet.") })
	c.Set("range", jinjaRange)
	c.Set(jinjaTick, func(*exec.VarArgs) (*exec.Value, error) { return exec.AsValue(""), g.tick() })
	c.Set(jinjaEnter, func(*exec.VarArgs) (*exec.Value, error) {
		if g.calls++; g.calls > maxCalls {
			return nil, errCalls
		}
		return exec.AsValue(""), g.tick()
	})
	c.Set(jinjaLeave, func(*exec.VarArgs) *exec.Value { g.calls--; return exec.AsValue("") })
	for _, name := range g.functions {
		c.Set(name, func(a *exec.VarArgs) *exec.Value {
			if len(a.Args) == 0 {
				return exec.AsValue("")
			}
			return a.Args[0]
		})
	}
	return c
}

// jinjaRange is Python's range as a list of bounded length; the library's is a channel, which leaks if it is not emptied.
func jinjaRange(a *exec.VarArgs) (*exec.Value, error) {
	n := []int{0, 0, 1}
	for _, v := range a.Args {
		if !v.IsInteger() {
			return nil, errors.New("range takes whole numbers")
		}
	}
	switch len(a.Args) {
	case 1:
		n[1] = a.Args[0].Integer()
	case 2, 3:
		for i, v := range a.Args {
			n[i] = v.Integer()
		}
	default:
		return nil, errors.New("range takes one to three numbers")
	}
	start, stop, step := n[0], n[1], n[2]
	if step == 0 {
		return nil, errors.New("range with a step of 0")
	}
	out := []int{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(out) >= maxDataValues {
			return nil, limitError(fmt.Sprintf("range has more than %d numbers", maxDataValues))
		}
		out = append(out, i)
	}
	return exec.AsValue(out), nil
}

// strengthen closes the gaps in the library's strictness: undefined names in lists, in the conditions of loops and in
// filters' operands come out as text or count as true.
func (g *jinjaJob) strengthen(env *exec.Environment) error {
	all := make(map[string]exec.FilterFunction)
	for _, name := range jinjaFilters {
		f, ok := builtins.Filters.Get(name)
		if !ok {
			continue
		}
		all[name] = func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			if bad := badValue(in); bad != nil {
				return bad
			}
			for _, a := range params.Args {
				if bad := badValue(a); bad != nil {
					return bad
				}
			}
			out := f(e, in, params)
			if out.IsString() && len(out.String()) > maxMessageBytes {
				return exec.AsValue(errLarge)
			}
			return out
		}
	}
	all["random"] = all["first"] // one message, not another each time
	mapped := all["map"]
	all["map"] = func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		if bad := lacksAttribute(in, params); bad != nil {
			return bad
		}
		return mapped(e, in, params)
	}
	for _, name := range g.functions {
		if !env.Filters.Exists(name) {
			all[name] = func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value { return in }
		}
	}
	env.Filters.Update(exec.NewFilterSet(all))
	parseFor, _ := builtins.ControlStructures.Get("for")
	return env.ControlStructures.Replace("for", func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		at := p.Current()
		cs, err := parseFor(p, args)
		f, ok := cs.(*controls.ForControlStructure)
		if err != nil || !ok {
			return cs, err
		}
		name := fmt.Sprintf("%s_%d", jinjaStrict, at.Line)
		env.Filters.Update(exec.NewFilterSet(map[string]exec.FilterFunction{
			name: func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
				if bad := badValue(in); bad != nil {
					panic(jinjaPanic{at.Line, bad.Error()})
				}
				return in
			},
		}))
		strictly := func(e nodes.Expression) nodes.Expression {
			return &nodes.FilteredExpression{Expression: e, Filters: []*nodes.FilterCall{{Token: at, Name: name}}}
		}
		if f.IfCondition != nil {
			f.IfCondition = strictly(f.IfCondition)
		}
		f.ObjectEvaluator = strictly(f.ObjectEvaluator)
		return cs, nil
	})
}

// jinjaTests are the library's tests but for defined and undefined, which ask whether a name is defined.
var jinjaTests = strings.Fields(`boolean callable divisibleby eq equalto == escaped even false filter float ge >= gt greaterthan > in integer
	iterable le <= lower lt lessthan < mapping ne != none number odd sameas sequence string test true upper`)

// jinjaTestSet are the tests, strict about what they are asked of.
func jinjaTestSet() *exec.TestSet {
	set := exec.NewTestSet(map[string]exec.TestFunction{}).Update(builtins.Tests)
	all := map[string]exec.TestFunction{}
	for _, name := range jinjaTests {
		f, _ := builtins.Tests.Get(name)
		if test, ok := f.(func(*exec.Context, *exec.Value, *exec.VarArgs) (bool, error)); ok {
			all[name] = func(c *exec.Context, in *exec.Value, params *exec.VarArgs) (bool, error) {
				if bad := badValue(in); bad != nil {
					return false, bad
				}
				return test(c, in, params)
			}
		}
	}
	return set.Update(exec.NewTestSet(all))
}

// lacksAttribute is an error if map(attribute="name") is asked of entries that have none and no default is given.
func lacksAttribute(in *exec.Value, params *exec.VarArgs) (bad *exec.Value) {
	name, ok := params.KwArgs["attribute"]
	if !ok || params.KwArgs["default"] != nil || !name.IsString() || strings.Contains(name.String(), ".") {
		return nil
	}
	in.Iterate(func(_, _ int, entry, _ *exec.Value) bool {
		if _, found := entry.GetItem(name.String()); !found {
			bad = exec.AsValue(fmt.Errorf("attribute '%s' not found", name.String()))
		}
		return bad == nil
	}, func() {})
	return bad
}

// jinjaPanic carries an error out of a place where the library drops errors.
type jinjaPanic struct {
	line int
	text string
}

func (p jinjaPanic) Error() string { return fmt.Sprintf("at line %d: %s", p.line, p.text) }

// badValue is an error that v is or, as a list, holds.
func badValue(v *exec.Value) *exec.Value {
	if v == nil {
		return nil
	}
	if v.IsError() {
		return v
	}
	if list, ok := v.Interface().(exec.ValuesList); ok {
		for _, x := range list {
			if bad := badValue(x); bad != nil {
				return bad
			}
		}
	}
	return nil
}

// jinjaFilters are the library's filters but for default, which asks whether a name is defined.
var jinjaFilters = strings.Fields(`abs attr batch capitalize center dictsort e escape filesizeformat first float forceescape format
	groupby indent int join items last length count list lower map max min pprint random rejectattr reject replace reverse round safe
	select selectattr slice sort string striptags sum title tojson trim truncate unique upper urlencode urlize wordcount wordwrap xmlattr`)

// jinjaLoader loads files for the library. Each knows the file that it was made for.
type jinjaLoader struct {
	g     *jinjaJob
	root  *source
	from  string
	depth int
}

func (l jinjaLoader) find(name string) (*source, error) {
	if name == l.root.file {
		if l.depth > maxDepth {
			return nil, errDepth
		}
		return l.root, nil
	}
	for _, f := range l.g.files {
		if f.src.file == name && f.src != l.root {
			return f.src, nil // what Resolve gave
		}
	}
	return l.g.load(name, l.from, l.depth)
}

// Resolve gives the path below the root of the file that name stands for.
func (l jinjaLoader) Resolve(name string) (string, error) {
	if name == l.root.file {
		return name, nil
	}
	s, err := l.g.load(name, l.from, l.depth+1)
	if err != nil {
		var le limitError
		var ee *EngineError
		if errors.As(err, &le) || errors.As(err, &ee) {
			panic(err) // the library would drop its kind
		}
		return "", err
	}
	l.g.loads--
	l.g.know(s)
	return s.file, nil
}

// know notes a file that Resolve has found, so that Read takes it by its path.
func (g *jinjaJob) know(s *source) {
	for _, f := range g.files {
		if f.src.file == s.file {
			return
		}
	}
	g.files = append(g.files, jinjaFile{src: s})
}

// Read gives a file's text behind the comment that moves its lines.
func (l jinjaLoader) Read(name string) (io.Reader, error) {
	s, err := l.find(name)
	if err != nil {
		return nil, err
	}
	g := l.g
	if g.loads++; g.loads > maxLoads {
		panic(errLoads)
	}
	if err := g.tick(); err != nil {
		panic(err)
	}
	text := g.instrumented(g.prepared(*s))
	lines := int64(strings.Count(text, "\n")) + 1
	pad := ""
	from := g.base
	known := -1
	for i, f := range g.files {
		if f.src.file == s.file && f.to > f.from {
			known = i
		}
	}
	if known >= 0 { // included again: the same lines
		from = g.files[known].from
	} else {
		g.base += lines
		g.files = append(g.files, jinjaFile{from, from + lines, s})
	}
	if from > 0 {
		pad = "{#" + strings.Repeat("\n", int(from)) + "#}"
	}
	return strings.NewReader(pad + text), nil
}

// Inherit gives the loader for what the file includes.
func (l jinjaLoader) Inherit(from string) (loaders.Loader, error) {
	if from == "" {
		return l, nil
	}
	if l.depth >= maxDepth {
		panic(errDepth)
	}
	return jinjaLoader{l.g, l.root, from, l.depth + 1}, nil
}

// instrumented puts hidden calls into loops and macros.
func (g *jinjaJob) instrumented(text string) string {
	tags, err := scanTags(familyJinja, text)
	if err != nil {
		return text
	}
	call := func(name string, trim bool) string {
		if trim {
			return "{{- " + name + "() -}}"
		}
		return "{{ " + name + "() }}"
	}
	var b strings.Builder
	pos := 0
	for _, t := range tags {
		if t.kind != tagBlock {
			continue
		}
		switch firstWord(t.inner) {
		case "for":
			b.WriteString(text[pos:t.end] + call(jinjaTick, t.trimR))
			pos = t.end
		case "macro":
			b.WriteString(text[pos:t.end] + call(jinjaEnter, t.trimR))
			pos = t.end
		case "endmacro":
			b.WriteString(text[pos:t.start] + call(jinjaLeave, t.trimL))
			pos = t.start
		}
	}
	b.WriteString(text[pos:])
	return b.String()
}

var (
	jinjaLine   = regexp.MustCompile(`(?:at line |[Ll]ine[:=] ?)(\d+)`)
	jinjaName   = regexp.MustCompile(`Unable to evaluate name "([^"]*)"`)
	jinjaAttr   = regexp.MustCompile(`attribute '([^']*)' not found|item '?(.*?)'? not found`)
	jinjaFilter = regexp.MustCompile(`filter &\{<Token\[Name\] Val='(\w+)'`)
	jinjaToken  = regexp.MustCompile(`<Token\[\w+\] Val='([^']*)' Pos=\d+[^>]*>`)
	jinjaNoise  = regexp.MustCompile(`(?:unable to execute template|Unable to (?:render expression|execute controlStructure|parse controlStructure "\w*"|execute macro '\w*'|evaluate (?:target|left parameter|right parameter)[^:]*)(?: at line \d+)?): (?:\w+\([^:]*\): )?`)
	jinjaWhere  = regexp.MustCompile(`\(?(?:Line|line)[:=] ?\d+,? ?(?:Col|col)[:=] ?\d+[^)]*\)?,? ?`)
	jinjaLoad   = regexp.MustCompile(`(?s)^failed to parse template '.*': ((?:Unable|Expected|Unexpected|ControlStructure|\[|unable).*)$`)
)

// located makes an EngineError of one of the library's. The last line number in it is the innermost.
func (g *jinjaJob) located(err error, s *source) error {
	var ee *EngineError
	var le limitError
	text := err.Error()
	if i := strings.LastIndex(text, s.text); i >= 0 && len(s.text) > 20 {
		text = text[i+len(s.text):] // the library quotes the whole template
		text = strings.TrimPrefix(text, "': ")
	} else if m := jinjaLoad.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	var line int64
	if all := jinjaLine.FindAllStringSubmatch(text, -1); len(all) > 0 {
		line, _ = strconv.ParseInt(all[len(all)-1][1], 10, 64)
	}
	at, n := s, int64(0)
	for _, f := range g.files {
		if line > f.from && line <= f.to {
			at, n = f.src, line-f.from
		}
	}
	switch {
	case errors.As(err, &ee):
		return ee
	case errors.As(err, &le):
		return g.fail(at, n, "%s", le)
	}
	if m := jinjaName.FindAllStringSubmatch(text, -1); m != nil {
		return g.fail(at, n, "undefined: the data has no %q", m[len(m)-1][1])
	}
	if m := jinjaAttr.FindAllStringSubmatch(text, -1); m != nil {
		last := m[len(m)-1]
		return g.fail(at, n, "undefined: no entry %q", last[1]+last[2])
	}
	if m := jinjaFilter.FindStringSubmatch(text); m != nil && strings.Contains(text, "not found") {
		return g.fail(at, n, "no filter %q; a filter that your program defines is named under functions", m[1])
	}
	text = jinjaToken.ReplaceAllString(text, "$1")
	text = strings.TrimSpace(jinjaNoise.ReplaceAllString(text, ""))
	text = jinjaWhere.ReplaceAllString(text, "")
	for _, limit := range []limitError{errTime, errLarge, errDepth, errCalls, errLoads} {
		if strings.Contains(text, string(limit)) {
			return g.fail(at, n, "%s", limit)
		}
	}
	return g.fail(at, n, "%s", text)
}

// sortedKeys are the names of a mapping in order.
func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
