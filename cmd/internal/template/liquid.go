package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"

	"postern/rules/pattern"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/filters"
	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
	"github.com/osteele/liquid/tags"
	"github.com/osteele/liquid/values"
)

// The library's StrictVariables looks at finished {{ values }} only: it calls a null undefined, and sees nothing in
// conditions, loops and before filters. Here the data itself is strict: mappings are liquidMap, whose missing names end the
// evaluation, and names that the template uses but the data lacks are bound to undefined.

// liquidMap is a mapping as Liquid sees it. Its names are listed in order, so that loops over it are repeatable.
type liquidMap struct {
	m    map[string]any
	keys []string
}

func newLiquidMap(m map[string]any) *liquidMap {
	l := &liquidMap{m: m}
	for k := range m {
		l.keys = append(l.keys, k)
	}
	sort.Strings(l.keys)
	return l
}

// liquidList is a list; it is a slice so that filters take it as it is.
type liquidList []any

// liquidScalar is a text, number, boolean or null, which have no members.
type liquidScalar struct{ v any }

// undefined stands for a name that the data lacks.
type undefined struct{ name string }

// ToLiquid is called whenever the value is looked at.
func (u undefined) ToLiquid() any { panic(undefinedName(u.name)) }

// undefinedName is what the library hands back as an error with its place.
func undefinedName(name string) expressions.InterpreterError {
	return expressions.InterpreterError("undefined: the data has no \"" + name + "\"")
}

// liquidData makes data strict.
func liquidData(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, x := range v {
			m[k] = liquidData(x)
		}
		return newLiquidMap(m)
	case []any:
		l := make(liquidList, len(v))
		for i, x := range v {
			l[i] = liquidData(x)
		}
		return l
	}
	return v
}

// liquidValue is v as an operand.
func liquidValue(v any) values.Value {
	switch v := v.(type) {
	case *liquidMap:
		return v
	case liquidList:
		return v
	}
	return liquidScalar{v}
}

func (l *liquidMap) Interface() any               { return l }
func (l *liquidMap) Int() int                     { panic(values.TypeError("a mapping is no number")) }
func (l *liquidMap) Equal(o values.Value) bool    { return o.Interface() == any(l) }
func (l *liquidMap) Less(values.Value) bool       { return false }
func (l *liquidMap) Test() bool                   { return true }
func (l *liquidMap) Len() int                     { return len(l.keys) }
func (l *liquidMap) Index(i int) any              { return liquidList{l.keys[i], l.m[l.keys[i]]} }
func (l *liquidMap) MarshalJSON() ([]byte, error) { return json.Marshal(l.m) }

// String is what {{ mapping }} prints. The library asks what the pointer leads to.
func (l liquidMap) String() string { b, _ := json.Marshal(l.m); return string(b) }

func (l *liquidMap) Contains(o values.Value) bool {
	k, ok := o.Interface().(string)
	_, has := l.m[k]
	return ok && has
}

func (l *liquidMap) IndexValue(o values.Value) values.Value {
	k := fmt.Sprint(o.Interface())
	if v, ok := l.m[k]; ok {
		return liquidValue(v)
	}
	if k == "size" {
		return liquidValue(len(l.keys))
	}
	panic(undefinedName(k))
}

func (l *liquidMap) PropertyValue(o values.Value) values.Value { return l.IndexValue(o) }

func (l liquidList) Interface() any            { return l }
func (l liquidList) Int() int                  { panic(values.TypeError("a list is no number")) }
func (l liquidList) Equal(o values.Value) bool { return values.Equal([]any(l), o.Interface()) }
func (l liquidList) Less(values.Value) bool    { return false }
func (l liquidList) Test() bool                { return true }
func (l liquidList) Len() int                  { return len(l) }
func (l liquidList) Index(i int) any           { return liquidValue(l[i]) }

func (l liquidList) Contains(o values.Value) bool {
	for _, x := range l {
		if values.Equal(x, o.Interface()) {
			return true
		}
	}
	return false
}

func (l liquidList) IndexValue(o values.Value) values.Value {
	n, ok := o.Interface().(int)
	if ok && n < 0 {
		n += len(l)
	}
	if !ok || n < 0 || n >= len(l) {
		panic(undefinedName(fmt.Sprint(o.Interface())))
	}
	return liquidValue(l[n])
}

func (l liquidList) PropertyValue(o values.Value) values.Value {
	switch name := o.Interface(); {
	case name == "size":
		return liquidValue(len(l))
	case len(l) > 0 && name == "first":
		return liquidValue(l[0])
	case len(l) > 0 && name == "last":
		return liquidValue(l[len(l)-1])
	default:
		panic(undefinedName(fmt.Sprint(name)))
	}
}

func (s liquidScalar) native() values.Value                   { return values.ValueOf(s.v) }
func (s liquidScalar) Interface() any                         { return s.v }
func (s liquidScalar) Int() int                               { return s.native().Int() }
func (s liquidScalar) Equal(o values.Value) bool              { return values.Equal(s.v, o.Interface()) }
func (s liquidScalar) Less(o values.Value) bool               { return values.Less(s.v, o.Interface()) }
func (s liquidScalar) Contains(o values.Value) bool           { return s.native().Contains(o) }
func (s liquidScalar) Test() bool                             { return s.v != nil && s.v != false }
func (s liquidScalar) String() string                         { return fmt.Sprint(s.v) }
func (s liquidScalar) IndexValue(o values.Value) values.Value { return s.PropertyValue(o) }

func (s liquidScalar) PropertyValue(o values.Value) values.Value {
	if t, ok := s.v.(string); ok && o.Interface() == "size" {
		return liquidValue(len([]rune(t)))
	}
	panic(undefinedName(fmt.Sprint(o.Interface())))
}

const liquidTick = "postern_tick"

// liquidJob is one rendering with Liquid.
type liquidJob struct {
	*job
	cfg   render.Config
	depth int
}

func renderLiquid(j *job) error {
	l := &liquidJob{job: j, cfg: render.NewConfig()}
	filters.AddStandardFilters(&l.cfg)
	tags.AddStandardTags(l.cfg)
	l.cfg.AddTag("include", l.include(false))
	l.cfg.AddTag("render", l.include(true))
	l.cfg.AddTag(liquidTick, func(string) (func(io.Writer, render.Context) error, error) {
		return func(io.Writer, render.Context) error { return j.tick() }, nil
	})
	l.bound()
	for _, name := range j.functions {
		l.cfg.AddFilter(name, func(v any, _, _, _, _ func(any) any) any { return v })
	}
	vars := map[string]any{}
	for k, v := range j.data {
		vars[k] = liquidValue(liquidData(v))
	}
	if j.layout == nil {
		return l.render(&j.src, j.out, vars)
	}
	var content strings.Builder
	if err := l.render(&j.src, &content, vars); err != nil {
		return err
	}
	return l.render(j.layout, j.out, withContent(vars, content.String()))
}

// bound replaces filters whose results grow fast, that read the clock, or that a value could make slow.
func (l *liquidJob) bound() {
	l.cfg.AddFilter("append", func(a, b string) (string, error) { return bounded(a + b) })
	l.cfg.AddFilter("prepend", func(a, b string) (string, error) { return bounded(b + a) })
	l.cfg.AddFilter("replace", func(s, old, new string) (string, error) {
		if n := strings.Count(s, old); n > 0 && len(new) > 0 && n > maxMessageBytes/len(new) {
			return "", errLarge
		}
		return strings.ReplaceAll(s, old, new), nil
	})
	l.cfg.AddFilter("concat", func(a, b []any) ([]any, error) {
		if len(a)+len(b) > maxDataValues {
			return nil, errLarge
		}
		return append(append(make([]any, 0, len(a)+len(b)), a...), b...), nil
	})
	l.cfg.AddFilter("date", liquidDates())
	// The library's sort sees nothing in liquidMap, and it has no where.
	l.cfg.AddFilter("sort", func(list []any, key any) ([]any, error) { return liquidSort(list, key, false) })
	l.cfg.AddFilter("sort_natural", func(list []any, key any) ([]any, error) { return liquidSort(list, key, true) })
	l.cfg.AddFilter("where", liquidWhere)
	l.missing()
}

// render parses and renders one file.
func (l *liquidJob) render(s *source, w io.Writer, vars map[string]any) error {
	text := l.prepared(*s)
	if err := l.unknown(s, text, vars); err != nil {
		return err
	}
	node, perr := l.cfg.Compile(loopTicks(text), parser.SourceLoc{Pathname: s.file, LineNo: int(s.line)})
	if perr != nil {
		return l.located(perr, s)
	}
	if err := render.Render(node, w, vars, l.cfg); err != nil {
		return l.located(err, s)
	}
	return nil
}

var (
	liquidStrings = pattern.Of(`"[^"]*"|'[^']*'`)
	liquidNames   = pattern.Of(`\.?[A-Za-z_][\w-]*\??`)
	// liquidWords are no names of data: operators, literals and what loops define.
	liquidWords = map[string]bool{
		"and": true, "or": true, "not": true, "contains": true, "in": true, "true": true, "false": true, "nil": true, "null": true,
		"empty": true, "blank": true, "forloop": true, "tablerowloop": true,
	}
)

// unknown binds every name in the tags that the data lacks to undefined. A name that the template assigns before it is used
// takes its place; one that is the name of a filter, parameter or tag is never looked up.
func (l *liquidJob) unknown(s *source, text string, vars map[string]any) error {
	tags, err := scanTags(familyLiquid, text)
	if err != nil {
		return l.fail(s, err.line, "%s", err.msg)
	}
	for _, t := range tags {
		if t.kind == tagComment {
			continue
		}
		for _, name := range liquidNames().FindAllString(liquidStrings().ReplaceAllString(t.inner, "''"), -1) {
			if _, ok := vars[name]; !ok && name[0] != '.' && !liquidWords[name] {
				vars[name] = undefined{name}
			}
		}
	}
	return nil
}

// loopTicks puts a hidden tag at the beginning of each loop's body.
func loopTicks(text string) string {
	tags, err := scanTags(familyLiquid, text)
	if err != nil {
		return text
	}
	var b strings.Builder
	pos := 0
	for _, t := range tags {
		if w := firstWord(t.inner); t.kind == tagBlock && (w == "for" || w == "tablerow") {
			b.WriteString(text[pos:t.end])
			b.WriteString("{% " + liquidTick + " %}")
			pos = t.end
		}
	}
	b.WriteString(text[pos:])
	return b.String()
}

var liquidInclude = pattern.Of(`^\s*("[^"]*"|'[^']*'|[^\s,]+)\s*,?\s*(?:(with|for)\s+([^\s,]+)(?:\s+as\s+(\w+))?)?\s*,?\s*((?s:.*))$`)
var liquidArg = pattern.Of(`^\s*(\w+)\s*[:=]\s*("[^"]*"|'[^']*'|[^\s,]+)\s*,?`)

// include is the tag that renders another file. With own, as {% render %}, that file sees its arguments only.
func (l *liquidJob) include(own bool) render.TagCompiler {
	return func(args string) (func(io.Writer, render.Context) error, error) {
		m := liquidInclude().FindStringSubmatch(args)
		if m == nil {
			return nil, errors.New("names no file")
		}
		return func(w io.Writer, ctx render.Context) error {
			name := strings.Trim(m[1], `"'`)
			if name == m[1] && !strings.ContainsAny(name, "./") { // a variable
				v, err := ctx.EvaluateString(m[1])
				if err != nil {
					return ctx.WrapError(err)
				}
				name = fmt.Sprint(v)
			}
			vars := map[string]any{}
			if !own {
				for k, v := range ctx.Bindings() {
					if _, ok := v.(undefined); !ok {
						vars[k] = v
					}
				}
			}
			items := []any{nil}
			if m[2] != "" {
				v, err := ctx.EvaluateString(m[3])
				if err != nil {
					return ctx.WrapError(err)
				}
				items[0] = v
				if list, ok := v.(liquidList); ok && m[2] == "for" {
					items = list
				}
			}
			rest := m[5]
			for strings.TrimSpace(rest) != "" {
				a := liquidArg().FindStringSubmatch(rest)
				if a == nil {
					return ctx.Errorf("%q is no argument name: value", oneLine(rest))
				}
				v, err := ctx.EvaluateString(a[2])
				if err != nil {
					return ctx.WrapError(err)
				}
				vars[a[1]] = liquidValue(liquidData(v))
				rest = rest[len(a[0]):]
			}
			l.depth++
			defer func() { l.depth-- }()
			s, err := l.load(name, ctx.SourceFile(), l.depth)
			if err != nil {
				return ctx.WrapError(err)
			}
			as := m[4]
			if as == "" {
				as = stem(s.file)
				as = strings.TrimPrefix(as, "_")
			}
			for _, item := range items {
				if m[2] != "" {
					vars[as] = liquidValue(item)
				}
				// Not into w: the library's writer miscounts what it has written.
				part := limitWriter{ctx: l.ctx}
				if err := l.render(s, &part, vars); err != nil {
					return err
				}
				if err := l.out.check(part.buf.Len()); err != nil {
					return ctx.WrapError(err)
				}
				if _, err := io.WriteString(w, part.buf.String()); err != nil {
					return ctx.WrapError(err)
				}
			}
			return nil
		}, nil
	}
}

var liquidPrefix = pattern.Of(`^Liquid error(?: \(line \d+\))?: `)

// located makes an EngineError of one of the library's, which knows its file and line.
func (l *liquidJob) located(err render.Error, s *source) error {
	var ee *EngineError
	var le limitError
	for cause := error(err); cause != nil; {
		if errors.As(cause, &ee) {
			return ee
		}
		errors.As(cause, &le)
		c, ok := cause.(interface{ Cause() error })
		if !ok {
			break
		}
		cause = c.Cause()
	}
	e := &EngineError{File: err.Path(), Line: int64(err.LineNumber()), Engine: l.engine}
	if e.File == "" {
		e.File = s.file
	}
	if le != "" {
		e.Message = string(le)
		return e
	}
	text := liquidPrefix().ReplaceAllString(err.Error(), "")
	text = strings.TrimSuffix(text, " in "+err.Path())
	if strings.Contains(text, "undefined filter") {
		text += "; a filter that your program defines is named under functions"
	}
	e.Message = oneLine(text)
	return e
}

// liquidDates formats dates as the library does, but for "now" and "today", which are the fixed date of all messages.
func liquidDates() func(any, func(string) string) (any, error) {
	own := render.NewConfig()
	filters.AddStandardFilters(&own)
	return func(v any, format func(string) string) (any, error) {
		if s, ok := v.(string); ok && (s == "now" || s == "today") {
			v = Date
		}
		switch x := v.(type) {
		case int: // as Unix has it
			v = time.Unix(int64(x), 0).UTC()
		case string:
			if n, err := strconv.ParseUint(x, 10, 40); err == nil && len(x) > 4 { // not the year 2026
				v = time.Unix(int64(n), 0).UTC()
			}
		}
		if v == nil || v == "" {
			return v, nil
		}
		vars := map[string]any{"date": v, "format": format("%a, %b %d, %y")}
		return expressions.EvaluateString("date | date: format", expressions.NewContext(vars, own.Config.Config))
	}
}
