package facts

import (
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

const (
	maxFeatures    = 400
	maxFeatureText = 60
)

// feature notes something that mail programs may not support, in the words of who wrote it: "<video>", "[srcset]", "position",
// "display: flex", "@media", ":hover", "::before", "calc()", "vw unit".
func (c *contents) feature(name string, where at) {
	if len(c.used) >= maxFeatures || len(name) > maxFeatureText {
		return
	}
	if _, ok := c.used[name]; ok {
		return
	}
	c.used[name] = struct{}{}
	c.f.HTML.Features = append(c.f.HTML.Features, Spot{Text: clean(name), Path: c.path(where.part), Line: c.lineOf(where)})
}

// elementFeatures notes an element, its attributes and its style attribute.
func (h *htmlReader) elementFeatures(name string, a *attributes) {
	h.c.feature("<"+name+">", h.at())
	for _, n := range a.names {
		h.c.feature("["+n+"]", h.at())
	}
	if (name == "input" || name == "button") && a.typ != "" {
		h.c.feature("<"+name+" type="+strings.ToLower(a.typ)+">", h.at())
	}
	if name == "meta" && strings.EqualFold(a.name, "color-scheme") {
		h.c.feature("<meta name=color-scheme>", h.at())
	}
	if a.style != "" {
		r := cssReader{c: h.c, where: h.at(), inBlock: true}
		r.read(cut(a.style, maxStyle))
	}
}

// sheetFeatures notes what a style element uses.
func (c *contents) sheetFeatures(s string, where at) {
	r := cssReader{c: c, where: where}
	r.read(cut(s, maxCSS))
}

// cssReader reads the tokens of a style sheet or style attribute. It builds no tree and needs none: where a declaration or a
// selector begins is told by the braces and semicolons before it.
type cssReader struct {
	c       *contents
	where   at
	inBlock bool   // between the braces of a rule, where declarations are
	nested  int    // open at-rules whose blocks hold rules
	rule    string // name of the at-rule whose prelude is being read, "" in a selector
	prop    string // property whose value is being read
	first   bool   // the value has had no token yet
}

func (r *cssReader) note(name string) { r.c.feature(strings.ToLower(name), r.where) }

func (r *cssReader) read(s string) {
	l := css.NewLexer(parse.NewInputString(s))
	name, pseudo := "", 0 // an identifier that may be a property; colons before an identifier in a selector
	for {
		typ, data := l.Next()
		text := string(data)
		switch typ {
		case css.ErrorToken:
			return
		case css.WhitespaceToken, css.CommentToken, css.CDOToken, css.CDCToken:
			r.where.row += strings.Count(text, "\n")
			continue
		}
		switch {
		case typ == css.LeftBraceToken:
			r.open()
			name, pseudo = "", 0
		case typ == css.RightBraceToken:
			if r.inBlock {
				r.inBlock = false
			} else if r.nested > 0 {
				r.nested--
			}
			r.prop, r.rule, name, pseudo = "", "", "", 0
		case typ == css.SemicolonToken:
			r.prop, r.rule, name = "", "", ""
		case typ == css.AtKeywordToken:
			r.rule = strings.ToLower(text)
			r.note(text)
		case r.rule != "":
			if typ == css.IdentToken && r.rule == "@media" && name != "" && mediaFeatures.has(strings.ToLower(text)) {
				r.note("@media (" + strings.TrimPrefix(text, "-webkit-") + ")")
			}
			name = text
		case r.prop != "":
			r.value(typ, text)
		case r.inBlock:
			switch {
			case typ == css.IdentToken || typ == css.CustomPropertyNameToken:
				name = text
			case typ == css.ColonToken && name != "":
				r.prop, r.first = strings.ToLower(name), true
				if strings.HasPrefix(r.prop, "--") {
					r.prop = "--"
					r.note("var()")
				} else {
					r.note(r.prop)
				}
			case typ == css.DelimToken && text == "&":
				r.note("nested rules")
			}
		default:
			r.selector(typ, text, &pseudo)
		}
	}
}

// mediaFeatures are those of media queries that are told apart.
var mediaFeatures = words("prefers-color-scheme,prefers-reduced-motion,orientation,hover,any-hover,-webkit-device-pixel-ratio,-webkit-min-device-pixel-ratio")

// open enters a block.
func (r *cssReader) open() {
	switch r.rule {
	case "@media", "@supports", "@layer", "@container", "@document", "@-moz-document", "@keyframes", "@-webkit-keyframes":
		r.nested++
	default:
		r.inBlock = true
	}
	r.rule, r.prop = "", ""
}

// value reads a token of a property's value.
func (r *cssReader) value(typ css.TokenType, text string) {
	lower := strings.ToLower(text)
	switch typ {
	case css.FunctionToken:
		r.note(lower + ")")
	case css.DimensionToken:
		if unit := strings.TrimLeft(lower, "+-.0123456789"); unit != "" {
			r.note(unit + " unit")
		}
	case css.IdentToken:
		if r.first && keyworded.has(r.prop) {
			r.note(r.prop + ": " + lower)
		}
		if keywords.has(lower) {
			r.note(lower)
		}
	}
	r.first = false
}

var (
	// keyworded are properties of which one value is supported and another is not.
	keyworded = words("display,position,flex-wrap,flex-direction,visibility,float,overflow")
	keywords  = words("fit-content,min-content,max-content,initial,system-ui,ui-serif,ui-sans-serif,ui-rounded,ui-monospace")
)

// selector reads a token of a selector.
func (r *cssReader) selector(typ css.TokenType, text string, pseudo *int) {
	switch {
	case typ == css.ColonToken:
		*pseudo++
		return
	case *pseudo > 0 && (typ == css.IdentToken || typ == css.FunctionToken):
		name := strings.TrimSuffix(strings.ToLower(text), "(")
		if *pseudo == 1 && oldPseudoElements.has(name) {
			*pseudo = 2 // CSS 2 wrote them with one colon
		}
		r.note("::"[:min(*pseudo, 2)] + name)
	case typ == css.LeftBracketToken:
		r.note("[attribute] selector")
	case typ == css.DelimToken && (text == ">" || text == "+" || text == "~"):
		r.note(text + " selector")
	}
	*pseudo = 0
}

var oldPseudoElements = words("before,after,first-line,first-letter")
