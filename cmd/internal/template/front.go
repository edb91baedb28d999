package template

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// stated is a text with the place that states it. File is "" where that is not known.
type stated struct {
	value string
	file  string
	line  int64
}

// states is a header field of the configuration.
func (s *Spec) states(key, value string) stated {
	st := stated{value: value}
	if n := s.Lines[key]; n > 0 {
		st.file, st.line = s.File, int64(n)
	}
	return st
}

// settings is what is known of a message beside its bodies. Later sources replace what earlier ones state: configuration,
// then meta.json, then front matter.
type settings struct {
	engine, kind, layout, html, text string
	headers                          map[string]stated // by canonical field name
	attachments, inline              []string
	page                             map[string]any // front matter, for the template as "page"
}

// aliases are the names that front matter and meta.json give to header fields, in lower case without "-" and "_".
var aliases = map[string]string{
	"subject": "Subject", "from": "From", "to": "To", "cc": "Cc", "bcc": "Bcc", "replyto": "Reply-To", "sender": "Sender",
	"date": "Date", "messageid": "Message-ID", "listunsubscribe": "List-Unsubscribe", "listunsubscribepost": "List-Unsubscribe-Post",
}

func squash(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
}

// canonicalField spells a field name the way it is commonly written.
func canonicalField(name string) string {
	words := strings.Split(strings.ToLower(name), "-")
	for i, w := range words {
		switch w {
		case "id", "mime", "dkim":
			words[i] = strings.ToUpper(w)
		case "":
		default:
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "-")
}

// splitFront separates YAML front matter, which stands between two lines "---" at the beginning of a file, from what follows.
// yamlLine and bodyLine are the 1-based lines that the two begin on. Without front matter ok is false and body is all of b.
// A file that begins with "---" but has no mapping there, such as a text with a ruled line, has no front matter either.
func splitFront(b []byte) (front, body []byte, yamlLine, bodyLine int64, ok bool) {
	rest := bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	line, rest, more := cutLine(rest)
	if !more || string(bytes.TrimRight(line, " \t")) != "---" {
		return nil, b, 0, 1, false
	}
	start := rest
	n := int64(1)
	for {
		line, after, more := cutLine(rest)
		n++
		if t := string(bytes.TrimRight(line, " \t")); t == "---" || t == "..." {
			front = start[:len(start)-len(rest)]
			if !mappingLike(front) {
				return nil, b, 0, 1, false
			}
			return front, after, 2, n + 1, true
		}
		if !more {
			return nil, b, 0, 1, false
		}
		rest = after
	}
}

// mappingLike tells whether the first line of b that is not empty or a comment looks like "name:" or there is none.
func mappingLike(b []byte) bool {
	for len(b) > 0 {
		var line []byte
		line, b, _ = cutLine(b)
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		i := bytes.IndexByte(line, ':')
		return i > 0 && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t') || line[0] == '{'
	}
	return true
}

// cutLine gives the first line without its line end, and tells whether it had one.
func cutLine(b []byte) (line, rest []byte, more bool) {
	i := bytes.IndexByte(b, '\n')
	if i < 0 {
		return bytes.TrimSuffix(b, []byte("\r")), nil, false
	}
	return bytes.TrimSuffix(b[:i], []byte("\r")), b[i+1:], true
}

// addFront reads front matter into s.
func (s *settings) addFront(file string, front []byte, first int64) error {
	root, err := parseYAML(file, front, first)
	if err != nil || root == nil {
		return err
	}
	d := yamlData{file: file, first: first}
	v, err := d.value(root, 0)
	if err != nil {
		return err
	}
	page, ok := v.(map[string]any)
	if !ok {
		return &DataError{File: file, Line: first, Message: "front matter is a mapping from names to values; this is not"}
	}
	s.page = page
	for i := 0; i+1 < len(root.Content); i += 2 {
		k, v := root.Content[i], root.Content[i+1]
		if err := s.set(&d, k, v); err != nil {
			return err
		}
	}
	return nil
}

// set takes one entry of front matter. Names that mean nothing here belong to the program that sends the mail.
func (s *settings) set(d *yamlData, k, v *yaml.Node) error {
	name := squash(k.Value)
	one := func(to *string) error {
		if v.Kind != yaml.ScalarNode {
			return d.fail(v, "%s takes one text", k.Value)
		}
		*to = v.Value
		return nil
	}
	list := func(to *[]string) error {
		if v.Kind == yaml.ScalarNode {
			*to = []string{v.Value}
			return nil
		}
		*to = nil
		for _, c := range v.Content {
			if v.Kind != yaml.SequenceNode || c.Kind != yaml.ScalarNode {
				return d.fail(v, "%s takes a list of texts", k.Value)
			}
			*to = append(*to, c.Value)
		}
		return nil
	}
	switch name {
	case "engine":
		return one(&s.engine)
	case "kind":
		return one(&s.kind)
	case "layout":
		return one(&s.layout)
	case "html":
		return one(&s.html)
	case "text":
		return one(&s.text)
	case "attachments":
		return list(&s.attachments)
	case "inline":
		return list(&s.inline)
	case "headers":
		if v.Kind != yaml.MappingNode {
			return d.fail(v, "headers takes a mapping from field names to values")
		}
		for i := 0; i+1 < len(v.Content); i += 2 {
			if err := s.field(d, v.Content[i].Value, v.Content[i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	if field, ok := aliases[name]; ok {
		return s.field(d, field, v)
	}
	return nil
}

// field takes a header field: a text, or a list that is joined by commas (addresses).
func (s *settings) field(d *yamlData, name string, v *yaml.Node) error {
	value := v.Value
	if v.Kind == yaml.SequenceNode {
		var all []string
		for _, c := range v.Content {
			all = append(all, c.Value)
		}
		value = strings.Join(all, ", ")
	} else if v.Kind != yaml.ScalarNode {
		return d.fail(v, "%s takes a text", name)
	}
	name = canonicalField(name)
	if !fieldName(name) {
		return d.fail(v, "%q is no name of a header field", name)
	}
	line := d.first + int64(v.Line) - 1
	if v.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		line++ // the text begins below the name
	}
	s.headers[name] = stated{value, d.file, line}
	return nil
}

// metaName is the file that Postmark's tools keep beside a template.
const metaName = "meta.json"

// addMeta reads the meta.json beside a template, if there is one that names a template.
func (s *settings) addMeta(t *tree, template string) error {
	file := path.Join(path.Dir(template), metaName)
	if !t.exists(file) {
		return nil
	}
	b, err := t.read(file, maxDataBytes)
	if err != nil {
		return &DataError{File: file, Message: err.Error()}
	}
	m, err := decodeJSON(file, b)
	if err != nil {
		return err
	}
	for k, v := range m {
		text, ok := v.(string)
		if !ok || text == "" {
			continue
		}
		name := squash(k)
		if field, ok := aliases[name]; ok {
			s.headers[field] = stated{text, file, keyLine(b, k)}
		} else if name == "layouttemplate" {
			s.layout = text
		}
	}
	return nil
}

// keyLine is the line of the first occurrence of a JSON key.
func keyLine(b []byte, key string) int64 {
	quoted, _ := json.Marshal(key)
	for from := 0; ; {
		i := bytes.Index(b[from:], quoted)
		if i < 0 {
			return 0
		}
		from += i + len(quoted)
		if bytes.HasPrefix(bytes.TrimLeft(b[from:], " \t\r\n"), []byte(":")) {
			return lineAt(b, int64(from))
		}
	}
}
