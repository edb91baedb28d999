package template

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"postern/rules/pattern"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// maxFormatWidth is the widest field of jinjaFormat.
const maxFormatWidth = 10_000

// jinjaDirective is a directive of Python's % operator: name, flags, width, precision and kind.
var jinjaDirective = pattern.Of(`%(?:\((\w+)\))?([-+ 0#]*)(\d*)(?:\.(\d*))?[hlL]?(.?)`)

// jinjaFormat is the filter format: Python's % operator, where the library has Go's, which says %!s(int=3) for a number.
func jinjaFormat(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	text := in.String()
	if !in.IsString() {
		return exec.AsValue(errors.New("format takes a text"))
	}
	var b strings.Builder
	next, pos := 0, 0
	for _, m := range jinjaDirective().FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		b.WriteString(text[pos:m[0]])
		pos = m[1]
		name, flags, kind := part(1), part(2), part(5)
		if kind == "%" {
			b.WriteByte('%')
			continue
		}
		for _, digits := range []string{part(3), part(4)} {
			if n, err := strconv.Atoi(digits); digits != "" && (err != nil || n > maxFormatWidth) {
				return exec.AsValue(fmt.Errorf("format: a field of %s characters", digits))
			}
		}
		var v *exec.Value
		if name != "" {
			if v = params.KwArgs[name]; v == nil {
				return exec.AsValue(fmt.Errorf("format has no argument %q", name))
			}
		} else {
			if next == len(params.Args) {
				return exec.AsValue(errors.New("format has fewer arguments than its text asks for"))
			}
			v = params.Args[next]
			next++
		}
		if v.IsError() {
			return v
		}
		width := part(3)
		if m[8] >= 0 {
			width += "." + part(4)
		}
		s, err := jinjaField(flags, width, kind, v)
		if err != nil {
			return exec.AsValue(err)
		}
		b.WriteString(s)
	}
	if next < len(params.Args) {
		return exec.AsValue(errors.New("format has more arguments than its text asks for"))
	}
	b.WriteString(text[pos:])
	return exec.AsValue(b.String())
}

// jinjaField formats one value. width may have a precision behind it.
func jinjaField(flags, width, kind string, v *exec.Value) (string, error) {
	switch kind {
	case "s", "r", "a":
		s := v.String()
		switch {
		case v.IsNil():
			s = "None"
		case kind != "s" && v.IsString():
			s = "'" + s + "'"
		}
		left := ""
		if strings.Contains(flags, "-") {
			left = "-"
		}
		return fmt.Sprintf("%"+left+width+"s", s), nil
	}
	if !v.IsNumber() {
		return "", fmt.Errorf("format: %%%s takes a number, and %s is none", kind, v.String())
	}
	switch kind {
	case "d", "i", "u":
		return fmt.Sprintf("%"+flags+width+"d", v.Integer()), nil
	case "x", "X", "o":
		return fmt.Sprintf("%"+flags+width+kind, v.Integer()), nil
	case "e", "E", "f", "F", "g", "G":
		return fmt.Sprintf("%"+flags+width+kind, v.Float()), nil
	}
	return "", fmt.Errorf("format: there is no %%%s", kind)
}
