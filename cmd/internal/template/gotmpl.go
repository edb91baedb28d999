package template

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"path"
	"reflect"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"postern/rules/pattern"
)

// goSet is a set of Go templates, of either package.
type goSet interface {
	add(name, text string) error
	trees() map[string]*parse.Tree
	execute(w io.Writer, name string, data any) error
}

type textSet struct{ t *template.Template }

func (s textSet) add(name, text string) error {
	_, err := s.t.New(name).Parse(text)
	return err
}

func (s textSet) trees() map[string]*parse.Tree {
	m := map[string]*parse.Tree{}
	for _, t := range s.t.Templates() {
		m[t.Name()] = t.Tree
	}
	return m
}

func (s textSet) execute(w io.Writer, name string, data any) error {
	return s.t.ExecuteTemplate(w, name, data)
}

type htmlSet struct{ t *htmltemplate.Template }

func (s htmlSet) add(name, text string) error {
	_, err := s.t.New(name).Parse(text)
	return err
}

func (s htmlSet) trees() map[string]*parse.Tree {
	m := map[string]*parse.Tree{}
	for _, t := range s.t.Templates() {
		m[t.Name()] = t.Tree
	}
	return m
}

func (s htmlSet) execute(w io.Writer, name string, data any) error {
	return s.t.ExecuteTemplate(w, name, data)
}

// Names of our own functions; a template cannot know them.
const (
	goTick  = "postern_tick"
	goEnter = "postern_enter"
	goLeave = "postern_leave"
)

type goJob struct {
	*job
	set   goSet
	files map[string]*source // by template name
	calls int
}

func renderGo(j *job) error {
	g := &goJob{job: j, files: map[string]*source{}}
	if err := g.prepare(); err != nil {
		return err
	}
	main := j.src.file
	if j.layout != nil {
		main = j.layout.file
	}
	if err := g.set.execute(j.out, main, j.data); err != nil {
		return g.located(err)
	}
	return nil
}

func (g *goJob) prepare() error {
	funcs := g.funcs()
	if g.engine == engineGoHTML {
		g.set = htmlSet{htmltemplate.New("").Option("missingkey=error").Funcs(funcs)}
	} else {
		g.set = textSet{template.New("").Option("missingkey=error").Funcs(funcs)}
	}
	if err := g.parse(g.src.file, &g.src); err != nil {
		return err
	}
	if g.layout != nil {
		// The layout calls the template by the name "content".
		if err := g.parse("content", &g.src); err != nil {
			return err
		}
		if err := g.parse(g.layout.file, g.layout); err != nil {
			return err
		}
	}
	if err := g.resolve(); err != nil {
		return err
	}
	return g.instrument(funcs)
}

func (g *goJob) parse(name string, s *source) error {
	g.files[name] = s
	if err := g.set.add(name, g.prepared(*s)); err != nil {
		return g.located(err)
	}
	return nil
}

// resolve loads the files of templates that are called but not defined, until there are none.
func (g *goJob) resolve() error {
	swept := false
	for depth := 1; ; depth++ {
		missing, at := g.missing()
		if missing == "" {
			return nil
		}
		from := g.fileOf(at.ParseName)
		s, err := g.load(missing, from.file, min(depth, maxDepth))
		if err == nil {
			if err := g.parse(missing, s); err != nil {
				return err
			}
			continue
		}
		var le limitError
		if errors.As(err, &le) {
			return err
		}
		var ee *EngineError
		if errors.As(err, &ee) {
			return err
		}
		if !swept { // {{define}} in some file of the includes
			swept = true
			if err := g.sweep(); err != nil {
				return err
			}
			continue
		}
		return g.fail(from, g.callLine(at, missing), "template %q is not defined: %s", missing, err)
	}
}

// missing is the name of a template that is called but not defined, and a tree that calls it.
func (g *goJob) missing() (string, *parse.Tree) {
	trees := g.set.trees()
	var name string
	var at *parse.Tree
	for _, t := range trees {
		if t == nil {
			continue
		}
		walkGo(t.Root, func(n parse.Node) {
			if c, ok := n.(*parse.TemplateNode); ok && trees[c.Name] == nil && (name == "" || c.Name < name) {
				name, at = c.Name, t
			}
		})
	}
	return name, at
}

// callLine is the line on which a tree calls a template.
func (g *goJob) callLine(t *parse.Tree, name string) int64 {
	var line int64
	walkGo(t.Root, func(n parse.Node) {
		if c, ok := n.(*parse.TemplateNode); ok && c.Name == name && line == 0 {
			line = int64(c.Line)
		}
	})
	return line
}

// sweep parses all files in the include directories that could define templates.
func (g *goJob) sweep() error {
	for _, dir := range g.includes {
		f, err := g.job.files.root.Open(path.Clean(dir))
		if err != nil {
			continue
		}
		names, _ := f.Readdirnames(maxLoads)
		f.Close()
		for _, n := range names {
			file := path.Join(dir, n)
			if g.files[n] != nil || g.set.trees()[n] != nil || !strings.Contains("|.tmpl|.gotmpl|.gohtml|.html|.txt|.tpl|", "|"+path.Ext(n)+"|") || file == g.src.file {
				continue
			}
			s, err := g.load(n, path.Join(dir, "x"), 1)
			if err != nil {
				continue
			}
			if err := g.parse(n, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// instrument makes loops and calls check their limits: {{range}} bodies and templates begin with a hidden call. It stands in
// an {{if}}, which html/template does not escape.
func (g *goJob) instrument(funcs map[string]any) error {
	for _, t := range g.set.trees() {
		if t == nil || t.Root == nil {
			continue
		}
		var failed error
		call := func(name string, at parse.Node) parse.Node {
			where, _ := t.ErrorContext(at)
			n, err := hiddenCall(name, t.ParseName, where, funcs)
			if err != nil {
				failed = err
			}
			return n
		}
		walkGo(t.Root, func(n parse.Node) {
			if r, ok := n.(*parse.RangeNode); ok {
				r.List.Nodes = append([]parse.Node{call(goTick, r)}, r.List.Nodes...)
			}
		})
		nodes := append([]parse.Node{call(goEnter, t.Root)}, t.Root.Nodes...)
		t.Root.Nodes = append(nodes, call(goLeave, t.Root))
		if failed != nil {
			return failed
		}
	}
	return nil
}

// hiddenCall makes the node of a call whose errors name the place "name:line:column".
func hiddenCall(name, file, where string, funcs map[string]any) (parse.Node, error) {
	line := 1
	if f := strings.Split(where, ":"); len(f) > 2 {
		line, _ = strconv.Atoi(f[len(f)-2])
	}
	text := strings.Repeat("\n", max(line-1, 0)) + "{{if " + name + "}}{{end}}"
	trees, err := parse.Parse(file, text, "", "", funcs)
	if err != nil {
		return nil, err
	}
	nodes := trees[file].Root.Nodes
	return nodes[len(nodes)-1], nil
}

func walkGo(n parse.Node, visit func(parse.Node)) {
	branch := func(b *parse.BranchNode) {
		walkGo(b.List, visit)
		if b.ElseList != nil {
			walkGo(b.ElseList, visit)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				walkGo(c, visit)
			}
		}
		return
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case nil:
		return
	}
	visit(n)
}

// funcs are the functions of a template: those that the program defines as stand-ins, and stricter forms of built-in ones.
func (g *goJob) funcs() map[string]any {
	m := map[string]any{
		goTick: func() (bool, error) { return false, g.tick() },
		goEnter: func() (bool, error) {
			if g.calls++; g.calls > maxCalls {
				return false, errCalls
			}
			return false, g.tick()
		},
		goLeave: func() bool { g.calls--; return false },
		"index": strictIndex,
		"print": func(a ...any) (string, error) { return bounded(fmt.Sprint(a...)) },
		"println": func(a ...any) (string, error) {
			return bounded(fmt.Sprintln(a...))
		},
		"printf": func(f string, a ...any) (string, error) { return bounded(fmt.Sprintf(f, a...)) },
	}
	for _, name := range g.functions {
		if goName().MatchString(name) && m[name] == nil {
			m[name] = first
		}
	}
	return m
}

var goName = pattern.Of(`^[A-Za-z_]\w*$`)

// first stands in for a function that only the program knows.
func first(args ...any) any {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func bounded(s string) (string, error) {
	if len(s) > maxMessageBytes {
		return "", errLarge
	}
	return s, nil
}

// strictIndex is the built-in index, except that a key which a mapping lacks is an error, as it is for .name.
func strictIndex(item any, indices ...any) (any, error) {
	for _, ix := range indices {
		switch v := item.(type) {
		case map[string]any:
			key, ok := ix.(string)
			if !ok {
				return nil, fmt.Errorf("a mapping is indexed by a text, not by %v", ix)
			}
			if item, ok = v[key]; !ok {
				return nil, fmt.Errorf("undefined: no entry %q", key)
			}
		case []any:
			n, ok := ix.(int)
			if !ok || n < 0 || n >= len(v) {
				return nil, fmt.Errorf("undefined: no entry %v in a list of %d", ix, len(v))
			}
			item = v[n]
		default:
			r := reflect.ValueOf(item)
			n, ok := ix.(int)
			if !ok || r.Kind() != reflect.String && r.Kind() != reflect.Slice || n < 0 || n >= r.Len() {
				return nil, fmt.Errorf("undefined: no entry %v", ix)
			}
			item = r.Index(n).Interface()
		}
	}
	return item, nil
}

var (
	goPlace   = pattern.Of(`^(?:html/)?template: ?(.*?):(\d+)(?::\d+)?: (.*)$`)
	goCalling = pattern.Of(`^executing ".*?" at (<.*?>): (.*)$`)
	goNoKey   = pattern.Of(`^map has no entry for key (".*")$`)
	goNoFunc  = pattern.Of(`^function ("\w+") not defined$`)
)

// located makes an EngineError of an error of the Go packages, which name a template and a line.
func (g *goJob) located(err error) error {
	text := err.Error()
	s := &g.src
	if g.layout != nil {
		s = g.layout
	}
	var line int64
	if m := goPlace().FindStringSubmatch(strings.ReplaceAll(text, "\n", " ")); m != nil {
		s = g.fileOf(m[1])
		line, _ = strconv.ParseInt(m[2], 10, 64)
		text = m[3]
	}
	var le limitError
	if errors.As(err, &le) {
		return g.fail(s, line, "%s", le)
	}
	at := ""
	if m := goCalling().FindStringSubmatch(text); m != nil {
		at, text = m[1]+": ", m[2]
	}
	switch {
	case goNoKey().MatchString(text):
		text = "undefined: the data has no " + goNoKey().FindStringSubmatch(text)[1]
	case goNoFunc().MatchString(text):
		text += "; a function that your program defines is named under functions"
	}
	return g.fail(s, line, "%s%s", at, text)
}

// fileOf is the source of a template, also of one that a file defines: those bear the file's name in errors.
func (g *goJob) fileOf(name string) *source {
	if s := g.files[name]; s != nil {
		return s
	}
	if g.layout != nil && name == g.layout.file {
		return g.layout
	}
	return &g.src
}
