package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"

	"postern/rules/pattern"

	"go.yaml.in/yaml/v3"
)

const (
	maxDataDepth  = 200
	maxDataValues = 1 << 20
)

// decodeData reads sample data: a JSON or YAML mapping. Whole numbers become int, because engines print float64(1000000) as
// 1e+06; dates stay as they are written.
func decodeData(file string, b []byte) (map[string]any, error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	ext := strings.ToLower(path.Ext(file))
	isJSON := ext == ".json" || ext != ".yaml" && ext != ".yml" && bytes.HasPrefix(bytes.TrimSpace(b), []byte("{"))
	if isJSON {
		return decodeJSON(file, b)
	}
	return decodeYAML(file, b, 1)
}

func decodeJSON(file string, b []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		off := dec.InputOffset()
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			off = syntax.Offset
		}
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			off, err = int64(len(b)), errors.New("ends before the data does")
		}
		return nil, &DataError{File: file, Line: lineAt(b, off), Message: "no JSON: " + oneLine(err.Error())}
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, &DataError{File: file, Line: lineAt(b, dec.InputOffset()), Message: "no JSON: text after the data"}
	}
	m, ok := plain(v).(map[string]any)
	if !ok {
		return nil, &DataError{File: file, Line: 1, Message: "sample data is a mapping from names to values; this is not"}
	}
	return m, nil
}

// lineAt is the 1-based line of an offset. An offset behind the last line end belongs to the line that it ends.
func lineAt(b []byte, off int64) int64 {
	n := min(max(off, 0), int64(len(b)))
	return int64(bytes.Count(bytes.TrimRight(b[:n], "\r\n"), []byte("\n"))) + 1
}

// plain turns json.Number into int or float64.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = plain(x)
		}
	case []any:
		for i, x := range v {
			v[i] = plain(x)
		}
	case json.Number:
		return number(string(v))
	}
	return v
}

func number(s string) any {
	if n, err := strconv.ParseInt(s, 10, strconv.IntSize); err == nil {
		return int(n)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int(f)
	}
	return f
}

var yamlLine = pattern.Of(`^line (\d+): `)

// decodeYAML reads a YAML mapping whose first line is line first of the file.
func decodeYAML(file string, b []byte, first int64) (map[string]any, error) {
	node, err := parseYAML(file, b, first)
	if err != nil {
		return nil, err
	}
	m := map[string]any{}
	if node == nil {
		return m, nil
	}
	d := yamlData{file: file, first: first}
	v, err := d.value(node, 0)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, &DataError{File: file, Line: first + int64(node.Line) - 1, Message: "sample data is a mapping from names to values; this is not"}
	}
	return m, nil
}

// parseYAML gives the root node of the only document of b, nil if it is empty.
func parseYAML(file string, b []byte, first int64) (*yaml.Node, error) {
	fail := func(err error) error {
		msg := strings.TrimPrefix(err.Error(), "yaml: ")
		var line int64
		if m := yamlLine().FindStringSubmatch(msg); m != nil {
			msg = msg[len(m[0]):]
			n, _ := strconv.ParseInt(m[1], 10, 64)
			line = first + n - 1
		}
		return &DataError{File: file, Line: line, Message: "no YAML: " + oneLine(msg)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, fail(err)
	}
	if err := dec.Decode(&more); err == nil {
		return nil, &DataError{File: file, Line: first + int64(more.Line) - 1, Message: "more than one YAML document"}
	} else if err != io.EOF {
		return nil, fail(err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return nil, nil
	}
	if doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	return doc.Content[0], nil
}

// yamlData turns nodes into plain values. Aliases are followed, so values are counted: ten lines of YAML can name a billion.
type yamlData struct {
	file   string
	first  int64
	values int
}

func (d *yamlData) fail(n *yaml.Node, format string, args ...any) error {
	return &DataError{File: d.file, Line: d.first + int64(n.Line) - 1, Message: fmt.Sprintf(format, args...)}
}

func (d *yamlData) value(n *yaml.Node, depth int) (any, error) {
	if d.values++; d.values > maxDataValues || depth > maxDataDepth {
		return nil, d.fail(n, "too large: over %d values or %d levels", maxDataValues, maxDataDepth)
	}
	switch n.Kind {
	case yaml.AliasNode:
		return d.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := d.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.MappingNode:
		return d.mapping(n, depth)
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var v bool
		err := n.Decode(&v)
		return v, err
	case "!!int", "!!float":
		var v any
		if err := n.Decode(&v); err != nil {
			return nil, d.fail(n, "no number: %q", n.Value)
		}
		return number(fmt.Sprint(v)), nil
	}
	return n.Value, nil
}

func (d *yamlData) mapping(n *yaml.Node, depth int) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		value, err := d.value(v, depth+1)
		if err != nil {
			return nil, err
		}
		if k.ShortTag() == "!!merge" {
			merged, ok := value.(map[string]any)
			if !ok {
				return nil, d.fail(k, "<< takes a mapping")
			}
			for name, x := range merged {
				if _, ok := out[name]; !ok {
					out[name] = x
				}
			}
			continue
		}
		if k.Kind != yaml.ScalarNode {
			return nil, d.fail(k, "a name must be a single word or text")
		}
		out[k.Value] = value
	}
	return out, nil
}

// copyData is a deep copy: engines can change lists and mappings, and the next rendering must see them as they were.
func copyData(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = copyData(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = copyData(x)
		}
		return out
	}
	return v
}
