package compile

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// fold has OPA work out a function of constants.
func (c *compiler) fold(name string, args []*ast.Term, loc *ast.Location, result func(operand) int32) int32 {
	f := topdown.GetBuiltin(name)
	b := ast.BuiltinMap[name]
	room := 0
	for _, a := range args {
		ast.WalkTerms(a, func(t *ast.Term) bool {
			switch v := t.Value.(type) {
			case ast.String:
				room += len(v)
			case ast.Number:
				room += len(v)
			}
			room++
			return false
		})
	}
	if name == "sprintf" {
		format, _ := args[0].Value.(ast.String)
		foldable := !strings.ContainsAny(string(format), "0123456789*[")
		if !foldable {
			room = maxFolded
		}
	} else if !foldable[name] {
		return c.cut(loc, "%s is not compiled", name)
	}
	if f == nil || b == nil || room >= maxFolded {
		return c.cut(loc, "%s is not compiled", name)
	}
	var out *ast.Term
	err := f(topdown.BuiltinContext{}, args, func(t *ast.Term) error {
		out = t
		return nil
	})
	switch {
	case err != nil:
		return c.cut(loc, "%s has an error here", name)
	case out == nil:
		return no
	}
	return result(fixed{out.Value})
}

// foldable are the functions that are worked out while compiling: those that take little time and whose results are little larger
// than their operands.
var foldable = map[string]bool{
	"lower": true, "upper": true, "trim_space": true, "trim_prefix": true, "trim_suffix": true, "trim": true, "trim_left": true,
	"trim_right": true, "startswith": true, "endswith": true, "contains": true, "plus": true, "minus": true, "div": true, "rem": true,
	"round": true, "floor": true, "ceil": true, "abs": true, "internal.member_2": true, "count": true, "sum": true, "max": true,
	"min": true, "concat": true, "split": true, "substring": true, "array.concat": true, "array.slice": true, "or": true, "and": true,
	"sort": true, "format_int": true, "mul": true, "object.get": true, "strings.reverse": true,
}

// maxFolded bounds the text of the operands of what is worked out while compiling.
const maxFolded = 64 << 10
