package template

import (
	"math"
	"strings"

	"github.com/mailgun/raymond/v2"
)

// hbHelpers are the helpers of Handlebars, and those that SendGrid's and the library's templates may use without declaring
// them. The map is filled by init because its functions refer to it.
var hbHelpers map[string]hbHelper

func init() {
	hbHelpers = map[string]hbHelper{
		"if": func(c *hbCall) any {
			c.want(1)
			return c.choose(hbTrue(c.args[0]) || c.hash["includeZero"] == true && hbZero(c.args[0]))
		},
		"unless":      func(c *hbCall) any { c.want(1); return c.choose(!hbTrue(c.args[0])) },
		"each":        hbEach,
		"with":        hbWith,
		"lookup":      hbLookup,
		"log":         func(*hbCall) any { return "" },
		"equal":       func(c *hbCall) any { c.want(2); return c.choose(hbText(c.args[0]) == hbText(c.args[1])) },
		"equals":      func(c *hbCall) any { c.want(2); return c.choose(hbText(c.args[0]) == hbText(c.args[1])) },
		"ifEq":        func(c *hbCall) any { c.want(2); return c.choose(hbText(c.args[0]) == hbText(c.args[1])) },
		"notEquals":   func(c *hbCall) any { c.want(2); return c.choose(hbText(c.args[0]) != hbText(c.args[1])) },
		"greaterThan": func(c *hbCall) any { c.want(2); return c.choose(hbNumber(c, 0) > hbNumber(c, 1)) },
		"ifGt":        func(c *hbCall) any { c.want(2); return c.choose(hbNumber(c, 0) > hbNumber(c, 1)) },
		"lessThan":    func(c *hbCall) any { c.want(2); return c.choose(hbNumber(c, 0) < hbNumber(c, 1)) },
		"ifLt":        func(c *hbCall) any { c.want(2); return c.choose(hbNumber(c, 0) < hbNumber(c, 1)) },
		"and": func(c *hbCall) any {
			all := true
			for _, a := range c.args {
				all = all && hbTrue(a)
			}
			return c.choose(all)
		},
		"or": func(c *hbCall) any {
			some := false
			for _, a := range c.args {
				some = some || hbTrue(a)
			}
			return c.choose(some)
		},
		"length": func(c *hbCall) any {
			c.want(1)
			n, _ := hbMember(c.args[0], "length")
			return n
		},
		"insert": func(c *hbCall) any {
			if len(c.args) == 0 {
				c.want(1)
			}
			if s := hbText(c.args[0]); s != "" || len(c.args) == 1 {
				return s
			}
			return strings.TrimPrefix(hbText(c.args[1]), "default=")
		},
		"pluralize": func(c *hbCall) any {
			c.want(3)
			if hbNumber(c, 0) == 1 {
				return c.args[2]
			}
			return c.args[1]
		},
	}
}

// hbStandIn is a helper that only the program knows: the text of its first argument, or its block.
func hbStandIn(c *hbCall) any {
	if c.block != nil {
		c.j.statements(c.block.Program, c.w)
		return nil
	}
	if len(c.args) > 0 {
		return c.args[0]
	}
	return ""
}

func (c *hbCall) want(n int) {
	if len(c.args) != n {
		c.j.failf(int(c.line), "helper %q takes %d arguments, not %d", c.name, n, len(c.args))
	}
}

// choose writes the block for a condition, or its inverse. Outside of a block it is the condition itself.
func (c *hbCall) choose(ok bool) any {
	if c.block == nil {
		return ok
	}
	if ok {
		c.j.statements(c.block.Program, c.w)
	} else {
		c.j.statements(c.block.Inverse, c.w)
	}
	return nil
}

// hbTrue tells what {{#if}} takes for true: an empty mapping is.
func hbTrue(v any) bool {
	if _, ok := v.(map[string]any); ok {
		return true
	}
	return raymond.IsTrue(v)
}

func hbZero(v any) bool { return v == 0 || v == 0.0 }

func hbNumber(c *hbCall, i int) float64 {
	switch v := c.args[i].(type) {
	case int:
		return float64(v)
	case float64:
		return v
	case string:
		switch n := number(strings.TrimSpace(v)).(type) {
		case int:
			return float64(n)
		case float64:
			return n
		}
	}
	c.j.failf(int(c.line), "helper %q compares numbers", c.name)
	return math.NaN()
}

func hbEach(c *hbCall) any {
	c.want(1)
	if c.block == nil {
		c.j.failf(int(c.line), "each is a block: {{#each}}")
	}
	n := 0
	switch v := c.args[0].(type) {
	case []any:
		n = len(v)
		c.j.each(c.block, v, c.w)
	case map[string]any:
		n = len(v)
		for i, k := range sortedKeys(v) {
			c.j.entry(c.block, v[k], k, i, n, c.w)
		}
	}
	if n == 0 {
		c.j.statements(c.block.Inverse, c.w)
	}
	return nil
}

func hbWith(c *hbCall) any {
	c.want(1)
	if c.block == nil {
		c.j.failf(int(c.line), "with is a block: {{#with}}")
	}
	v := c.args[0]
	if !hbTrue(v) {
		c.j.statements(c.block.Inverse, c.w)
		return nil
	}
	f := hbFrame{params: map[string]any{}}
	if p := c.block.Program; p != nil && len(p.BlockParams) > 0 {
		f.params[p.BlockParams[0]] = v
	}
	c.j.frames = append(c.j.frames, f)
	c.j.in(v, func() { c.j.statements(c.block.Program, c.w) })
	c.j.frames = c.j.frames[:len(c.j.frames)-1]
	return nil
}

func hbLookup(c *hbCall) any {
	c.want(2)
	v, ok := hbMember(c.args[0], hbText(c.args[1]))
	if !ok {
		c.j.failf(int(c.line), "undefined: no entry %q", hbText(c.args[1]))
	}
	return v
}
