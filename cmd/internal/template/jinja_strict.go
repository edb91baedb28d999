package template

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	controls "github.com/nikolalohinski/gonja/v2/builtins/control_structures"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
)

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
		if name == "format" {
			f = jinjaFormat
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
	for _, name := range []string{"selectattr", "rejectattr", "groupby"} {
		filter := all[name]
		all[name] = func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			if bad := lacksFirst(in, params); bad != nil {
				return bad
			}
			return filter(e, in, params)
		}
	}
	for _, name := range []string{"join", "max", "min", "sort", "sum", "unique"} {
		filter := all[name]
		all[name] = func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
			if bad := lacksAttribute(in, params); bad != nil {
				return bad
			}
			return filter(e, in, params)
		}
	}
	all[jinjaStrict] = func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
		if bad := badValue(in); bad != nil {
			return bad
		}
		return in
	}
	all[jinjaPrinted] = func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value {
		if bad := badValue(in); bad != nil {
			return bad
		}
		if in.IsNil() {
			return exec.AsValue("None")
		}
		return in
	}
	for _, name := range g.functions {
		if !env.Filters.Exists(name) {
			all[name] = func(_ *exec.Evaluator, in *exec.Value, _ *exec.VarArgs) *exec.Value { return in }
		}
	}
	env.Filters.Update(exec.NewFilterSet(all))
	for _, name := range jinjaTags {
		if err := locatable(env, name); err != nil {
			return err
		}
	}
	parseFor, _ := env.ControlStructures.Get("for")
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

// jinjaTags are the library's control structures.
var jinjaTags = strings.Fields(`autoescape block break call continue do extends filter for from if import include macro raw set trans with`)

// locatable gives the errors of a tag's parser the line of the tag where the library forgets it.
func locatable(env *exec.Environment, name string) error {
	parse, ok := env.ControlStructures.Get(name)
	if !ok {
		return nil
	}
	return env.ControlStructures.Replace(name, func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		at := args.Current()
		if at == nil || at.Line == 0 { // a tag of one word
			at = p.Current()
		}
		cs, err := parse(p, args)
		if from, ok := cs.(*controls.FromImportControlStructure); ok && err == nil {
			return fromImport{from}, nil
		}
		if err != nil && at != nil && !jinjaLine().MatchString(err.Error()) {
			err = &parser.SyntaxError{Message: err.Error(), Raw: at.Val, Line: at.Line, Column: at.Col}
		}
		return cs, err
	})
}

// fromImport is the library's tag, but that a macro which the other file lacks is an error there and not a crash where it is
// called.
type fromImport struct {
	*controls.FromImportControlStructure
}

func (f fromImport) Execute(r *exec.Renderer, tag *nodes.ControlStructureBlock) error {
	name := r.Eval(f.FilenameExpression)
	if name.IsError() {
		return name
	}
	file, err := r.Loader.Resolve(name.String())
	if err != nil {
		return fmt.Errorf("failed to resolve filename: %w", err)
	}
	loader, err := r.Loader.Inherit(file)
	if err != nil {
		return err
	}
	t, err := exec.NewTemplate(file, r.Config, loader, r.Environment)
	if err != nil {
		return fmt.Errorf("unable to load template '%s': %w", file, err)
	}
	for alias, macro := range f.As {
		node, ok := t.Macros()[macro]
		if !ok {
			return fmt.Errorf("undefined: %q has no macro %q", file, macro)
		}
		call, err := exec.MacroNodeToFunc(node, r)
		if err != nil {
			return err
		}
		r.Environment.Context.Set(alias, call)
	}
	return nil
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
	if !ok || params.KwArgs["default"] != nil {
		return nil
	}
	return lacks(in, name)
}

// lacksFirst is lacksAttribute of filters whose first argument is the attribute. selectattr("name", "defined") asks whether
// there is one.
func lacksFirst(in *exec.Value, params *exec.VarArgs) *exec.Value {
	if len(params.Args) == 0 || params.KwArgs["default"] != nil {
		return lacksAttribute(in, params)
	}
	if len(params.Args) > 1 && strings.HasSuffix(params.Args[1].String(), "defined") {
		return nil
	}
	return lacks(in, params.Args[0])
}

func lacks(in, name *exec.Value) (bad *exec.Value) {
	if !name.IsString() || strings.Contains(name.String(), ".") {
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
	switch list := v.Interface().(type) {
	case exec.ValuesList:
		for _, x := range list {
			if bad := badValue(x); bad != nil {
				return bad
			}
		}
	case *exec.Dict:
		for _, p := range list.Pairs {
			if bad := badValue(p.Key); bad != nil {
				return bad
			}
			if bad := badValue(p.Value); bad != nil {
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
