package template

import (
	"errors"
	"io"
	"sort"
	"strconv"
	"strings"

	"postern/rules/pattern"

	"github.com/nikolalohinski/gonja/v2/builtins"
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
	// jinjaPrinted is the filter of what is printed.
	jinjaPrinted = "postern_printed"
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
		return g.parseError(err, s, cfg, env)
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

// parseError is located. For an error without a line, the first tag that is an error by itself tells it.
func (g *jinjaJob) parseError(err error, s *source, cfg *config.Config, env *exec.Environment) error {
	found := g.located(err, s)
	var ee *EngineError
	if !errors.As(found, &ee) || ee.Line > 0 {
		return found
	}
	tags, _ := scanTags(familyJinja, s.text)
	for _, t := range tags {
		if t.kind != tagOutput {
			continue
		}
		one := loaders.MustNewMemoryLoader(map[string]string{"/one": s.text[t.start:t.end]})
		if _, err := exec.NewTemplate("/one", cfg, one, env); err != nil {
			ee.Line = s.line + t.line - 1
			break
		}
	}
	return ee
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
	return strictLiterals(b.String())
}

var (
	jinjaLine   = pattern.Of(`(?:at line |[Ll]ine[:=] ?)(\d+)`)
	jinjaName   = pattern.Of(`Unable to evaluate name "([^"]*)"`)
	jinjaAttr   = pattern.Of(`attribute '([^']*)' not found|item '?(.*?)'? not found`)
	jinjaFilter = pattern.Of(`filter &\{<Token\[Name\] Val='(\w+)'`)
	jinjaPrint  = pattern.Of(`unable to evaluate filter &\{<Token\[Name\] Val='` + jinjaPrinted + `'[^>]*> \w+ \[\] map\[\]\}: invalid call to filter '\w+': |\)\|` + jinjaPrinted)
	jinjaToken  = pattern.Of(`<Token\[\w+\] Val='([^']*)' Pos=\d+[^>]*>`)
	jinjaNoise  = pattern.Of(`(?:unable to execute template|Unable to (?:render expression|execute controlStructure|parse controlStructure "\w*"|execute macro '\w*'|evaluate (?:target|left parameter|right parameter)[^:]*)(?: at line \d+)?): (?:\w+\([^:]*\): )?`)
	jinjaWhere  = pattern.Of(`\(?(?:Line|line)[:=] ?\d+,? ?(?:Col|col)[:=] ?\d+[^)]*\)?,? ?`)
	jinjaLoad   = pattern.Of(`(?s)^failed to parse template '.*': ((?:Unable|Expected|Unexpected|ControlStructure|\[|unable|expected).*)$`)
)

// located makes an EngineError of one of the library's. The last line number in it is the innermost.
func (g *jinjaJob) located(err error, s *source) error {
	var ee *EngineError
	var le limitError
	text := jinjaPrint().ReplaceAllString(err.Error(), "")
	if i := strings.LastIndex(text, s.text); i >= 0 && len(s.text) > 20 {
		text = text[i+len(s.text):] // the library quotes the whole template
		text = strings.TrimPrefix(text, "': ")
	} else if m := jinjaLoad().FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	var line int64
	if all := jinjaLine().FindAllStringSubmatch(text, -1); len(all) > 0 {
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
	if m := jinjaName().FindAllStringSubmatch(text, -1); m != nil {
		return g.fail(at, n, "undefined: the data has no %q", m[len(m)-1][1])
	}
	if m := jinjaAttr().FindAllStringSubmatch(text, -1); m != nil {
		last := m[len(m)-1]
		return g.fail(at, n, "undefined: no entry %q", last[1]+last[2])
	}
	if m := jinjaFilter().FindStringSubmatch(text); m != nil && strings.Contains(text, "not found") {
		return g.fail(at, n, "no filter %q; a filter that your program defines is named under functions", m[1])
	}
	text = jinjaToken().ReplaceAllString(text, "$1")
	text = strings.TrimSpace(jinjaNoise().ReplaceAllString(text, ""))
	text = jinjaWhere().ReplaceAllString(text, "")
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
