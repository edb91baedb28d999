package template

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"postern/rules/pattern"
)

const (
	// engineTime is how long a template may render.
	engineTime = 10 * time.Second
	// maxDepth bounds inclusions in inclusions.
	maxDepth = 50
	// maxLoads bounds how many times files are included in one rendering.
	maxLoads = 10000
	// maxCalls bounds calls of a template's own macros and templates in one another.
	maxCalls = 500
)

// The engines' names in Spec.Engine.
const (
	engineGoText     = "go-text"
	engineGoHTML     = "go-html"
	engineLiquid     = "liquid"
	engineHandlebars = "handlebars"
	engineMustache   = "mustache"
	engineJinja      = "jinja2"
	engineNone       = "none"
)

var engines = map[string]struct {
	family family
	render func(*job) error
}{
	engineGoText:     {familyGo, renderGo},
	engineGoHTML:     {familyGo, renderGo},
	engineLiquid:     {familyLiquid, renderLiquid},
	engineHandlebars: {familyHandlebars, renderHandlebars},
	engineMustache:   {familyMustache, renderMustache},
	engineJinja:      {familyJinja, renderJinja},
	engineNone:       {familyNone, renderNone},
}

// source is a template's text and where it begins in its file.
type source struct {
	file string
	text string
	line int64 // 1-based line of file that text begins on
}

// job is one rendering.
type job struct {
	ctx       context.Context
	files     *tree
	engine    string
	family    family
	includes  []string
	functions []string // names that the program defines: they hand through their first argument
	src       source
	layout    *source
	data      map[string]any
	html      bool // values are escaped for HTML, where the engine does that
	out       *limitWriter
	marks     *marks // nil while the message itself is rendered
	loads     int
}

// limitWriter keeps what is written, and fails when it is too much or time is up.
type limitWriter struct {
	ctx context.Context
	buf bytes.Buffer
}

func (w *limitWriter) Write(p []byte) (int, error) {
	if err := w.check(len(p)); err != nil {
		return 0, err
	}
	return w.buf.Write(p)
}

func (w *limitWriter) check(more int) error {
	if w.ctx.Err() != nil {
		return errTime
	}
	if w.buf.Len()+more > maxMessageBytes {
		return errLarge
	}
	return nil
}

var (
	errTime  = limitError("takes too long: stopped after " + engineTime.String())
	errLarge = limitError(fmt.Sprintf("gives more than %d octets", maxMessageBytes))
	errDepth = limitError(fmt.Sprintf("includes nest deeper than %d levels", maxDepth))
	errCalls = limitError(fmt.Sprintf("calls nest deeper than %d levels", maxCalls))
	errLoads = limitError(fmt.Sprintf("includes more than %d files", maxLoads))
)

// rendering is a rendered text and where its lines come from.
type rendering struct {
	text []byte
	refs []ref // one for each line
}

// render runs a job in its limits, twice: for the text, and for its lines when wanted.
func (j *job) render(lines bool) (*rendering, error) {
	e, ok := engines[j.engine]
	if !ok {
		return nil, &EngineError{File: j.src.file, Engine: j.engine, Message: "no such engine"}
	}
	j.family = e.family
	if err := j.check(j.src); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(j.ctx, engineTime)
	defer cancel()
	text, err := j.run(ctx, e.render, nil)
	if err != nil {
		return nil, err
	}
	r := &rendering{text: text}
	if !lines {
		return r, nil
	}
	n := int64(strings.Count(j.src.text, "\n")) + 1
	if j.engine == engineNone {
		r.refs = spread(text, nil, j.src.file, j.src.line, n)
		return r, nil
	}
	m := &marks{}
	marked, err := j.run(ctx, e.render, m)
	if err == nil {
		clean, anchors := m.strip(marked)
		if bytes.Equal(clean, text) && (len(anchors) > 0 || len(text) == 0) {
			r.refs = spread(text, anchors, j.src.file, j.src.line, n)
			return r, nil
		}
	}
	r.refs = matchLines(text, j.src.text, j.src.file, j.src.line)
	return r, nil
}

// check finds the faults that no engine reports in all cases, and those that engines cannot bear.
func (j *job) check(s source) error {
	_, err := scanTags(j.family, s.text)
	if err != nil {
		return &EngineError{File: s.file, Line: s.line + err.line - 1, Engine: j.engine, Message: err.msg}
	}
	return nil
}

// run renders in a goroutine of its own, which is left behind if it does not end in time.
func (j *job) run(ctx context.Context, render func(*job) error, m *marks) ([]byte, error) {
	c := *j
	c.ctx = ctx
	c.marks = m
	c.loads = 0
	c.out = &limitWriter{ctx: ctx}
	c.data, _ = copyData(j.data).(map[string]any)
	if c.data == nil {
		c.data = map[string]any{}
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- c.panicked(p)
			}
		}()
		done <- render(&c)
	}()
	select {
	case err := <-done:
		if err != nil {
			return nil, c.tidy(err)
		}
		return c.out.buf.Bytes(), nil
	case <-ctx.Done():
	}
	// What can be stopped stops by itself now and knows the line that it was on.
	select {
	case err := <-done:
		if err != nil {
			return nil, c.tidy(err)
		}
	case <-time.After(200 * time.Millisecond):
		leftBehind.Store(true)
	}
	return nil, &EngineError{File: j.src.file, Engine: j.engine, Message: string(errTime)}
}

// panicked makes an error of what an engine panicked with. Libraries panic with errors that the writer gave them.
func (j *job) panicked(p any) error {
	if err, ok := p.(error); ok {
		var le limitError
		var ee *EngineError
		if errors.As(err, &le) || errors.As(err, &ee) {
			return err
		}
	}
	text := fmt.Sprint(p)
	text, _, _ = strings.Cut(text, "\n")
	if err, ok := p.(error); ok && strings.HasPrefix(fmt.Sprintf("%T", err), "runtime.") {
		text += whereIn(debug.Stack())
	}
	return &EngineError{File: j.src.file, Engine: j.engine, Message: "the engine broke down: " + oneLine(text)}
}

var frame = pattern.Of(`(?m)^\t\S*/([^/\s]+/[^/\s]+\.go:\d+)`)

// whereIn names the place in an engine's library that panicked, for a report to its authors.
func whereIn(stack []byte) string {
	for _, m := range frame().FindAllSubmatch(stack, -1) {
		if s := string(m[1]); !strings.HasPrefix(s, "runtime/") && !strings.HasPrefix(s, "debug/") && !strings.HasPrefix(s, "template/engine.go") {
			return " at " + s
		}
	}
	return ""
}

// tidy makes an EngineError of any error that comes out of a rendering.
func (j *job) tidy(err error) error {
	var ee *EngineError
	if errors.As(err, &ee) {
		return ee
	}
	return &EngineError{File: j.src.file, Engine: j.engine, Message: oneLine(err.Error())}
}

// fail is an EngineError at a line of a source's text, counted from 1.
func (j *job) fail(s *source, line int64, format string, args ...any) error {
	e := &EngineError{File: s.file, Engine: j.engine, Message: oneLine(fmt.Sprintf(format, args...))}
	if line > 0 {
		// Some engines report the end of the file as a line of its own.
		last := int64(strings.Count(strings.TrimRight(s.text, "\n"), "\n")) + 1
		e.Line = s.line + min(line, last) - 1
	}
	return e
}

// prepared gives the text that is handed to the engine.
func (j *job) prepared(s source) string {
	if j.marks == nil {
		return s.text
	}
	return j.marks.insert(j.family, s.text, s.file, s.line, j.engine == engineGoHTML)
}

// tick is called inside of loops. Its error ends the rendering.
func (j *job) tick() error {
	if j.out == nil { // before rendering begins
		return nil
	}
	return j.out.check(0)
}

// load finds a partial, include or layout by the name that a template uses for it. from is the file that names it.
func (j *job) load(name, from string, depth int) (*source, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	if j.loads++; j.loads > maxLoads {
		return nil, errLoads
	}
	if err := j.tick(); err != nil {
		return nil, err
	}
	if !fs.ValidPath(name) || strings.ContainsRune(name, '\\') {
		return nil, fmt.Errorf("%q: a file is included by its name below the template's directory or an entry of includes, without \"..\"", name)
	}
	var unread error
	for _, dir := range j.searched(from) {
		for _, base := range j.spellings(name) {
			file := path.Join(dir, base)
			if !j.files.exists(file) {
				continue
			}
			b, err := j.files.read(file, maxTemplateBytes)
			if err != nil {
				unread = fmt.Errorf("%s: %w", file, err)
				continue
			}
			s := &source{file: file, line: 1}
			_, body, _, line, _ := splitFront(b)
			s.text, s.line = string(body), line
			return s, j.check(*s)
		}
	}
	if unread != nil {
		return nil, unread
	}
	return nil, fmt.Errorf("%q is not in %s", name, strings.Join(quoteAll(j.searched(from)), ", "))
}

// searched are the directories that included files are looked for in.
func (j *job) searched(from string) []string {
	var dirs []string
	for _, d := range append([]string{path.Dir(from), path.Dir(j.src.file)}, j.includes...) {
		d = path.Clean(d)
		if fs.ValidPath(d) && !contains(dirs, d) {
			dirs = append(dirs, d)
		}
	}
	return dirs
}

// spellings are the file names that a name stands for: as it is, with the extensions of the template, with an underscore.
func (j *job) spellings(name string) []string {
	names := []string{name}
	add := func(n string) {
		if !contains(names, n) {
			names = append(names, n)
		}
	}
	base := path.Base(j.src.file)
	exts := []string{strings.TrimPrefix(base, stem(base)), path.Ext(base)}
	switch j.family {
	case familyLiquid:
		exts = append(exts, ".liquid", ".html")
	case familyHandlebars:
		exts = append(exts, ".hbs", ".handlebars", ".html")
	case familyMustache:
		exts = append(exts, ".mustache", ".html")
	default:
		return names
	}
	for _, e := range exts {
		add(name + e)
	}
	for _, n := range names {
		add(path.Join(path.Dir(n), "_"+path.Base(n)))
	}
	return names
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return out
}

// withContent gives the data of a layout: the template's own and the rendered content under the names that are in use.
func withContent(data map[string]any, content any) map[string]any {
	out := make(map[string]any, len(data)+2)
	out["body"] = content
	for k, v := range data {
		out[k] = v
	}
	out["content"] = content
	return out
}

func renderNone(j *job) error {
	_, err := j.out.Write([]byte(j.src.text))
	return err
}
