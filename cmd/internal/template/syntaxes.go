package template

import (
	"bytes"
	"regexp"
	"strings"

	"postern/rules/pattern"
)

// syntax is a way to write placeholders, for files that no engine is to render.
type syntax struct {
	name string
	// weak syntaxes occur in code and prose as well.
	weak bool
	// open is what each placeholder begins with.
	open string
	find func(b []byte) []Placeholder
}

func (s *syntax) likely(b []byte) bool { return bytes.Contains(b, []byte(s.open)) }

// braces is the name of the syntaxes around {{ }} and {% %} until bracesEngine has told them apart.
const braces = "braces"

// syntaxes are tried in this order; the first that is met is that of the file.
var syntaxes = []syntax{
	{name: "template-toolkit", open: "[%", find: pairs("[%", "%]", pattern.Of(`^(?:[-+~=]?[\s#]|\w[\w.]{0,60}$)`), ttControl)},
	{name: "erb", open: "<%", find: pairs("<%", "%>", pattern.Of(`^(?:[-=#@!_]|\s)`), func(s string) bool { return !strings.HasPrefix(s, "=") && !strings.HasPrefix(s, "-") })},
	{name: "mailchimp", open: "*|", find: matches(`\*\|[A-Z][A-Z0-9_:.]*(?:[=,][^|\n]{0,60})?\|\*`, func(s string) bool { return strings.Contains(s, "IF") || strings.Contains(s, "END:") })},
	{name: "ampscript", open: "%%", find: matches(`(?s)%%(?:=[^%]{1,200}=%%|\[[^%]{1,1000}\]%%)`, func(s string) bool { return strings.HasPrefix(s, "[") })},
	{name: braces, open: "{", find: findBraces},
	{name: "freemarker", open: "<#", find: matches(`</?#(?:if|else|elseif|list|assign|include|macro)\b[^>\n]{0,200}>|\$\{[A-Za-z_][^}\n]{0,80}\}`, func(s string) bool { return strings.HasPrefix(s, "#") || strings.HasPrefix(s, "/#") })},
	{name: "percent", weak: true, open: "%", find: matches(`%%[A-Za-z_][\w.\-]{1,60}%%|%recipient\.[\w.\-]{1,60}%|%[A-Z_]{3,60}%|%[a-z]+(?:_[a-z]+)+%`, nil)},
	{name: "dollar-brace", weak: true, open: "${", find: matches(`\$\{\s*[A-Za-z_][\w.]*[^}\n]{0,40}\}`, nil)},
	{name: "double-bracket", weak: true, open: "[[", find: matches(`\[\[\s*(?:(?:data|var):)?[A-Za-z_][\w:" .]{0,60}\]\]`, nil)},
	{name: "underscores", weak: true, open: "__", find: matches(`__[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*__`, nil)},
	{name: "hashes", weak: true, open: "##", find: matches(`##[A-Za-z_]\w{1,40}##`, nil)},
	{name: "at-signs", weak: true, open: "@@", find: matches(`@@[A-Za-z_]\w{1,40}@@`, nil)},
}

// ttControl tells whether a Template Toolkit tag writes nothing itself: a directive, a comment or an assignment.
func ttControl(s string) bool {
	s = strings.TrimLeft(s, "-+~= \t\r\n")
	if strings.HasPrefix(s, "#") || ttAssign().MatchString(s) {
		return true
	}
	switch w := firstWord(s); w {
	case "GET", "INCLUDE", "PROCESS", "INSERT":
		return false
	default:
		return w != "" && w == strings.ToUpper(w) && len(w) > 1 && !strings.HasPrefix(s[len(w):], "(") && !strings.HasPrefix(s[len(w):], ".")
	}
}

var ttAssign = pattern.Of(`^[\w.${}]+ *= *[^=]`)

// pairs finds what stands between two delimiters, over several lines too, and has the form of a tag.
func pairs(open, close string, form func() *regexp.Regexp, control func(string) bool) func([]byte) []Placeholder {
	return func(b []byte) []Placeholder {
		var c collector
		end := -1 // the first closing delimiter behind pos, found once
		for pos := 0; ; {
			i := bytes.Index(b[pos:], []byte(open))
			if i < 0 {
				return c.all
			}
			i += pos
			pos = i + len(open)
			if end < pos {
				j := bytes.Index(b[pos:], []byte(close))
				if j < 0 {
					return c.all
				}
				end = pos + j
			}
			if end-pos > maxTemplateBytes || !form().Match(b[pos:end]) {
				continue
			}
			inner := string(b[pos:end])
			pos = end + len(close)
			if !c.add(b, i, pos, inner, control(inner)) {
				return c.all
			}
		}
	}
}

// matches finds what a regular expression describes.
func matches(form string, control func(string) bool) func([]byte) []Placeholder {
	re := pattern.Of(form)
	return func(b []byte) []Placeholder {
		var c collector
		for _, m := range re().FindAllIndex(b, maxPlaceholders) {
			inner := strings.Trim(string(b[m[0]:m[1]]), "*|%<>${}[]_@")
			raw := strings.TrimLeft(string(b[m[0]:m[1]]), "<%*|")
			c.add(b, m[0], m[1], inner, control != nil && control(raw))
		}
		return c.all
	}
}

// collector gathers placeholders and counts lines on the way.
type collector struct {
	all  []Placeholder
	line int64
	pos  int
}

func (c *collector) add(b []byte, start, end int, inner string, control bool) bool {
	if len(c.all) >= maxPlaceholders {
		return false
	}
	if c.pos == 0 && c.line == 0 {
		c.line = 1
	}
	c.line += int64(bytes.Count(b[c.pos:start], []byte("\n")))
	c.pos = start
	text := strings.ToValidUTF8(strings.Join(strings.Fields(inner[:min(len(inner), 240)]), " "), "")
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "")
	}
	c.all = append(c.all, Placeholder{Offset: start, Length: end - start, Line: c.line, Control: control, Text: text})
	return true
}

var (
	// braceForm is what may stand in {{ }}: a name, a path, a call, a section or a quoted text, not an initialiser or a picture.
	braceForm   = pattern.Of(`(?s)^(?:!.*|/\*.*|'[^'\n]*'|"[^"\n]*"|=\s*\S+\s+\S+\s*=|/\s*[\w.-]+|[#^>&{]?\s*[@$.\w"'(\[][\w\s.@$|:;"'(),=+*/<>!?&\[\]#%-]*\}?)$`)
	percentForm = pattern.Of(`^[-+]?\s*[a-z_]+\b`)
)

// findBraces finds the tags of all syntaxes around {{ }}, {% %} and {# #}.
func findBraces(b []byte) []Placeholder {
	s := string(b)
	fam := familyHandlebars
	switch engine, _ := detectEngine("x", s); engine {
	case engineGoText, engineGoHTML:
		fam = familyGo
	case engineJinja, engineLiquid:
		fam = familyJinja
	case engineMustache:
		fam = familyMustache
	default:
		if percentTag().MatchString(s) {
			fam = familyLiquid
		}
	}
	tags, _ := scanTags(fam, s)
	var c collector
	strong := false
	for _, t := range tags {
		raw := s[t.start:t.end]
		switch {
		case strings.HasPrefix(raw, "{{"):
			if t.kind != tagComment && !braceForm().MatchString(t.inner) {
				continue
			}
			strong = true
		case strings.HasPrefix(raw, "{%"):
			if !percentForm().MatchString(t.inner) {
				continue
			}
			strong = true
		}
		if !c.add(b, t.start, t.end, t.inner, t.kind != tagOutput) {
			break
		}
	}
	if !strong { // {# #} alone is a colour or a program
		return nil
	}
	return c.all
}

// bracesEngine names the engine that a file of {{ }} or {% %} is for.
func bracesEngine(name, text string) string {
	engine, _ := detectEngine(name, text)
	switch engine {
	case "":
		return "liquid or jinja2"
	case engineNone:
		return engineHandlebars
	}
	return engine
}
