package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/cmd/internal/quote"
)

// Template is an entry of templates: files that are made into messages, and with what. Paths are relative to Config.Dir. The
// fields mean what those of the same names in package template's Spec mean, which also checks what they hold.
type Template struct {
	Files, Exclude                      []string
	Engine                              string
	Command                             []string
	Timeout                             time.Duration
	Functions                           []string
	Data                                []string
	Kind, HTML, Text                    string
	Subject, From, To, Cc, Bcc, ReplyTo string
	Headers                             map[string]string
	Includes                            []string
	Layout                              string
	Attachments, Inline                 []string
	// Line is the line of the entry in Config.File.
	Line int
	// Lines are the lines of Config.File that header fields stand on, by their keys: subject, from, reply_to, and the names
	// below headers as they are written. For a text below its key it is the line that the text begins on.
	Lines map[string]int
}

// maxTemplates bounds the entries, not the files that they stand for.
const maxTemplates = 1000

// The words that engine and kind can be.
var (
	engineNames = []string{"go-html", "go-text", "handlebars", "jinja2", "liquid", "mustache", "none"}
	kindNames   = []string{"message", "html", "text"}
)

// headerKeys are the keys of an entry that state header fields.
var headerKeys = map[string]bool{"subject": true, "from": true, "to": true, "cc": true, "bcc": true, "reply_to": true}

// texts and lists give the fields of an entry by their keys. Timeout and headers have forms of their own.
func (t *Template) texts() map[string]*string {
	return map[string]*string{
		"engine": &t.Engine, "kind": &t.Kind, "html": &t.HTML, "text": &t.Text, "subject": &t.Subject, "from": &t.From, "to": &t.To,
		"cc": &t.Cc, "bcc": &t.Bcc, "reply_to": &t.ReplyTo, "layout": &t.Layout,
	}
}

func (t *Template) lists() map[string]*[]string {
	return map[string]*[]string{
		"files": &t.Files, "exclude": &t.Exclude, "command": &t.Command, "functions": &t.Functions, "data": &t.Data,
		"includes": &t.Includes, "attachments": &t.Attachments, "inline": &t.Inline,
	}
}

// templates reads the list of that name.
func (d *decoder) templates(list string, n *yaml.Node) {
	for i, item := range n.Content {
		key := fmt.Sprintf("%s[%d]", list, i)
		if i >= maxTemplates {
			d.fail(d.at(item), list, fmt.Sprintf("has more than %d entries", maxTemplates), "use globs: ** stands for any directories")
			return
		}
		if item.Kind != yaml.MappingNode {
			d.fail(d.at(item), key, "is "+kindOf(item)+", not a group of keys", `write "- files: [emails/*.html]", and what belongs to it below`)
			continue
		}
		before := len(d.errs)
		t := Template{Line: max(item.Line, 1), Lines: map[string]int{}}
		d.c.origins[key] = d.at(item)
		d.template(&t, key, item)
		if len(t.Files) == 0 && len(d.errs) == before {
			d.fail(d.at(item), key, "has no files", "write which files are templates, such as files: [emails/*.html]")
		}
		if t.HTML != "" && t.Text != "" && len(d.errs) == before {
			d.fail(d.at(item), key, "has html and text", "the template itself is one of them; name the other")
		}
		if len(d.errs) == before {
			d.c.Templates = append(d.c.Templates, t)
		}
	}
}

// template reads one entry.
func (d *decoder) template(t *Template, path string, n *yaml.Node) {
	texts, lists := t.texts(), t.lists()
	known := append(slices.Collect(maps.Keys(texts)), slices.Collect(maps.Keys(lists))...)
	known = append(known, "timeout", "headers")
	slices.Sort(known)
	d.pairs(path, n, func(key, name string, k, v *yaml.Node) {
		switch {
		case texts[name] != nil:
			if s, ok := d.words(key, k, v); ok {
				*texts[name] = s
				if headerKeys[name] {
					t.Lines[name] = textLine(v)
				}
				switch {
				case name == "engine" && !slices.Contains(engineNames, s):
					d.fail(d.at(v), key, quoted(s)+" is no engine", enumRemedy(s, engineNames...))
				case name == "kind" && !slices.Contains(kindNames, s):
					d.fail(d.at(v), key, quoted(s)+" is no kind", enumRemedy(s, kindNames...))
				}
			}
		case lists[name] != nil:
			*lists[name] = d.wordList(key, k, v)
		case name == "timeout":
			s, ok := d.words(key, k, v)
			if !ok {
				return
			}
			var err error
			if t.Timeout, err = time.ParseDuration(s); err != nil || t.Timeout <= 0 {
				d.fail(d.at(v), key, quoted(s)+" is no duration", "write a number with its unit, such as 30s or 2m")
			}
		case name == "headers":
			d.headers(t, key, k, v)
		default:
			d.unknown(key, name, k, known)
		}
	})
}

// words reads a text of an entry.
func (d *decoder) words(key string, k, v *yaml.Node) (string, bool) {
	if v.Kind != yaml.ScalarNode || v.Tag != "!!str" || v.Value == "" {
		what := kindOf(v)
		if v.Tag == "!!str" && v.Kind == yaml.ScalarNode {
			what = "empty"
		}
		d.fail(d.at(k), key, "is "+what+", not text", "put it in quotes if it is meant so; what holds {{ }} needs quotes")
		return "", false
	}
	d.c.origins[key] = d.at(v)
	return v.Value, true
}

func (d *decoder) wordList(key string, k, v *yaml.Node) []string {
	if v.Kind != yaml.SequenceNode || len(v.Content) == 0 {
		what := kindOf(v) + ", not a list"
		if v.Kind == yaml.SequenceNode {
			what = "empty"
		}
		remedy := "write a list of texts"
		if v.Kind == yaml.ScalarNode && v.Tag == "!!str" {
			remedy = "write it as a list: [" + quote.Short(v.Value, 40) + "]"
		}
		d.fail(d.at(k), key, "is "+what, remedy)
		return nil
	}
	d.c.origins[key] = d.at(k)
	var out []string
	for i, item := range v.Content {
		if s, ok := d.words(fmt.Sprintf("%s[%d]", key, i), item, item); ok {
			out = append(out, s)
		}
	}
	return out
}

func (d *decoder) headers(t *Template, path string, k, v *yaml.Node) {
	if v.Kind != yaml.MappingNode {
		d.fail(d.at(k), path, "is "+kindOf(v)+", not a group of header fields", `write "List-Unsubscribe: <https://www.example.com/leave>" below it`)
		return
	}
	d.c.origins[path] = d.at(k)
	t.Headers = map[string]string{}
	d.pairs(path, v, func(key, name string, k, v *yaml.Node) {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
			d.fail(d.at(k), key, quoted(name)+" is no name of a header field", "names are ASCII without blanks (RFC 5322 section 3.6.8)")
			return
		}
		switch strings.ToLower(name) {
		case "mime-version", "content-type", "content-transfer-encoding":
			d.fail(d.at(k), key, "is made from the parts of the message", "remove it")
			return
		}
		if s, ok := d.words(key, k, v); ok {
			t.Headers[name] = s
			t.Lines[name] = textLine(v)
		}
	})
}

// textLine is the line that a text begins on: below its key for a literal or folded one.
func textLine(v *yaml.Node) int {
	if v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return v.Line + 1
	}
	return max(v.Line, 1)
}

// TemplateError is an error about entry i of templates, with its place.
func (c *Config) TemplateError(i int, message, remedy string) error {
	key := fmt.Sprintf("templates[%d]", i)
	file, line := c.Pos(key)
	return &Error{File: file, Line: line, Key: key, Message: message, Remedy: remedy}
}
