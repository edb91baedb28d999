package template

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"postern/rules/pattern"
)

// extensions tell the engine by themselves.
var extensions = map[string]string{
	".liquid": engineLiquid, ".hbs": engineHandlebars, ".handlebars": engineHandlebars, ".mustache": engineMustache,
	".j2": engineJinja, ".jinja": engineJinja, ".jinja2": engineJinja, ".gohtml": engineGoHTML, ".gotxt": engineGoText,
	".gotmpl": "go", ".gotpl": "go",
}

var (
	goMark     = pattern.Of(`\{\{-? ?(?:\.(?:\w|[ }|])|\$|/\*|(?:if|with|range|template|define|block|printf?|len|index|not|and|or|eq) ?[(."$]|(?:end|break|continue) ?-?\}\})`)
	hbMark     = pattern.Of(`\{\{~?(?:#(?:if|each|unless|with)\b|else\b|!--|[{&]?@|[{&#]?\.\./|#[\w.]+ [^}=]|> ?[^ }]+ +\S|\{?\w+ [\w"(.@]|\{?this[.}])|~\}\}`)
	mustMark   = pattern.Of(`\{\{(?:\^[ \w]|=|[#/] ?[\w.]+ ?\}\}|>|&)`)
	valueMark  = pattern.Of(`\{\{\{?~?-?[ \t]*[\w@.$]`)
	percentTag = pattern.Of(`\{%`)
	jinjaMark  = pattern.Of(`\{%[-+]? *(?:set|block|extends|macro|from|import|elif|call|filter|autoescape|trans|endset|do)\b|(?:^|[^{])\{#|\bloop\.|\bis (?:not )?defined|\{\{[^}]*\|[^}]*\w\(|\{%[-+]? *for \w+, *\w+ in|\{\{[^}]*\w\([^}]*\}\}|\{%[-+]?[^%]*\bnot \w`)
	liquidMark = pattern.Of(`\{%-? *(?:assign|capture|case|when|unless|elsif|tablerow|cycle|render|comment|increment|decrement|layout|section)\b|\{\{[^}]*\| *\w+ *: |\bforloop\.|\{%[^%]*\b(?:contains|reversed|limit:|blank|empty)\b`)
	foreign    = []struct {
		name string
		form func() *regexp.Regexp
	}{
		{"template-toolkit", pattern.Of(`\[%[-+~=#\s]`)},
		{"erb", pattern.Of(`<%[=\-#\s@!]`)},
		{"mailchimp", pattern.Of(`\*\|[A-Z][A-Z0-9_:.]*\|\*`)},
		{"ampscript", pattern.Of(`%%(?:=|\[)`)},
		{"freemarker", pattern.Of(`<#(?:if|list|assign|include|macro)\b|\[#(?:if|list|assign)\b`)},
		{"mjml", pattern.Of(`(?i)<mjml[\s>]`)},
	}
)

// detectEngine names the engine of a template by its extension, then by its content. Without one, why tells the reason.
// A text without any tags needs no engine.
func detectEngine(file, text string) (engine, why string) {
	base := strings.ToLower(path.Base(file))
	for ext := path.Ext(base); ext != ""; ext = path.Ext(base) {
		if e := extensions[ext]; e == "go" {
			return goEngine(file, text), ""
		} else if e != "" {
			return e, ""
		}
		base = strings.TrimSuffix(base, ext)
	}
	isPercent := percentTag().MatchString(text)
	isValue := valueMark().MatchString(text)
	switch {
	case goMark().MatchString(text) && !isPercent:
		return goEngine(file, text), ""
	case isPercent || isValue && (jinjaMark().MatchString(text) || liquidMark().MatchString(text)):
		j, l := jinjaMark().MatchString(text), liquidMark().MatchString(text)
		switch {
		case j && !l:
			return engineJinja, ""
		case l && !j:
			return engineLiquid, ""
		}
		if !hbMark().MatchString(text) {
			return "", "its tags fit Liquid and Jinja2; set engine"
		}
		return engineHandlebars, ""
	case hbMark().MatchString(text):
		return engineHandlebars, ""
	case mustMark().MatchString(text):
		return engineMustache, ""
	case isValue:
		return engineHandlebars, ""
	}
	for _, f := range foreign {
		if f.form().MatchString(text) {
			return "", "its tags are those of " + f.name + ", which is rendered by a command only"
		}
	}
	if strings.Contains(text, "{{") {
		return engineHandlebars, ""
	}
	return engineNone, ""
}

func goEngine(file, text string) string {
	if kindOf(file, []byte(text)) == "html" {
		return engineGoHTML
	}
	return engineGoText
}

var (
	htmlStart  = pattern.Of(`(?i)<(?:!doctype|html|head|body|table|mjml|div|p|h1)[\s>]`)
	knownField = pattern.Of(`(?i)^(?:from|to|cc|bcc|subject|date|mime-version|content-type|reply-to|sender|message-id|list-unsubscribe|return-path|received|x-[\w-]+)[ \t]*:`)
	anyField   = pattern.Of(`^[!-9;-~]+[ \t]*:`)
)

// kindOf tells what content is: a whole message if it begins with a header that has one of the common fields, else HTML or
// text. It takes rendered content and templates alike; tags before the header do not count.
func kindOf(file string, b []byte) string {
	if isMessage(b) {
		return "message"
	}
	name := strings.ToLower(path.Base(file))
	for ext := path.Ext(name); ext != ""; ext = path.Ext(name) {
		switch ext {
		case ".html", ".htm", ".mjml", ".gohtml":
			return "html"
		case ".txt", ".text", ".gotxt":
			return "text"
		}
		name = strings.TrimSuffix(name, ext)
	}
	if htmlStart().Match(b[:min(len(b), 64<<10)]) {
		return "html"
	}
	return "text"
}

// isMessage tells whether b begins with a header block: lines of the form of fields, of which at least two, or one before
// an empty line, have common names.
func isMessage(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	b = leadingTags(b)
	common, fields := 0, 0
	for n := 0; len(b) > 0 && n < 1000; n++ {
		var line []byte
		line, b, _ = cutLine(b)
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			return common > 0
		case knownField().Match(line):
			common++
			fields++
		case anyField().Match(line), fields > 0 && (line[0] == ' ' || line[0] == '\t'):
			fields++
		case fields > 0 && tagLine().Match(line):
		default:
			return common > 1 && n > 3
		}
	}
	return common > 0
}

// tagLine is a line that is one tag, or a placeholder that stands for a whole field.
var tagLine = pattern.Of(`^\s*(?:\{\{.*|\{%.*|\[%.*|<%.*|__[A-Z_]+__\s*|#.*)$`)

// leadingTags drops comments and other tags, and white space, before the first text.
func leadingTags(b []byte) []byte {
	for {
		b = bytes.TrimLeft(b, " \t\r\n")
		found := false
		for _, d := range [][2]string{{"{{/*", "*/"}, {"{{!--", "--}}"}, {"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}, {"[%", "%]"}, {"<%", "%>"}} {
			if bytes.HasPrefix(b, []byte(d[0])) {
				i := bytes.Index(b, []byte(d[1]))
				if i < 0 {
					return b
				}
				b = b[i+len(d[1]):]
				if d[1] == "*/" {
					if j := bytes.Index(b, []byte("}}")); j >= 0 {
						b = b[j+2:]
					}
				}
				found = true
				break
			}
		}
		if !found {
			return b
		}
	}
}
