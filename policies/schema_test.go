package policies_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"postern/policies"
	"postern/rules/facts"
)

var update = flag.Bool("update", false, "write input.schema.json anew from the struct and the comments of rules/facts")

// TestSchemaIsTheStruct holds input.schema.json equal to facts.Facts: names, types, which fields can be null, and the
// descriptions, which are the comments of the struct.
func TestSchemaIsTheStruct(t *testing.T) {
	g := &schemaGen{t: t, comments: fieldComments(t, "../rules/facts/facts.go"), defs: map[string]any{}}
	root := g.object(reflect.TypeFor[facts.Facts]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "postern facts"
	root["description"] = "What was measured of a message, or of submission settings: the input of every policy. Every field is always " +
		"there; a list that holds nothing is [], what could not be known is null. Sizes are octets."
	root["$defs"] = g.defs
	want, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile("input.schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := policies.FS.ReadFile("input.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("input.schema.json is not what rules/facts says; run go test ./policies -run Schema -update and look at the change\n%s", diff)
	}
}

// TestSchemaIsValid has an independent reader check the schema, and that it is closed: a field too many or too few is refused.
func TestSchemaIsValid(t *testing.T) {
	schema := compileSchema(t)
	fill := func() map[string]any {
		f := &facts.Facts{SchemaVersion: facts.SchemaVersion, Kind: facts.KindMessage}
		emptyLists(reflect.ValueOf(f).Elem())
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		return v.(map[string]any)
	}
	if err := schema.Validate(fill()); err != nil {
		t.Errorf("facts of an empty message do not fit: %v", err)
	}
	for name, spoil := range map[string]func(map[string]any){
		"a field too many":          func(f map[string]any) { f["extra"] = true },
		"a nested field too many":   func(f map[string]any) { f["size"].(map[string]any)["extra"] = true },
		"a field too few":           func(f map[string]any) { delete(f, "links") },
		"null for a list":           func(f map[string]any) { f["parts"] = nil },
		"a number for text":         func(f map[string]any) { f["kind"] = 1 },
		"null for a number":         func(f map[string]any) { f["size"].(map[string]any)["wire_bytes"] = nil },
		"a fraction for an integer": func(f map[string]any) { f["size"].(map[string]any)["wire_bytes"] = 1.5 },
	} {
		f := fill()
		spoil(f)
		if schema.Validate(f) == nil {
			t.Errorf("%s fits the schema", name)
		}
	}
	f := fill()
	f["header"].(map[string]any)["date"].(map[string]any)["unix"] = 5
	if err := schema.Validate(f); err != nil {
		t.Errorf("a known date does not fit: %v", err)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := policies.FS.ReadFile("input.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("input.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("input.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// emptyLists makes every nil slice an empty one, as facts promises.
func emptyLists(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Slice:
			if f.IsNil() {
				f.Set(reflect.MakeSlice(f.Type(), 0, 0))
			}
		case reflect.Struct:
			emptyLists(f)
		}
	}
}

// schemaGen writes a schema from a struct.
type schemaGen struct {
	t        *testing.T
	comments map[string]string // "Type.Field" to comment, "Type" to the type's own
	defs     map[string]any
}

var firstSentence = regexp.MustCompile(`^[A-Z]\w* (?:is|holds) `)

func (g *schemaGen) object(typ reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := f.Tag.Get("json")
		if name == "-" {
			continue // no rule sees it
		}
		if name == "" || strings.Contains(name, ",") {
			g.t.Fatalf("%s.%s: tag %q: every field needs a plain name, and none may be left out", typ.Name(), f.Name, f.Tag)
		}
		about := g.comments[typ.Name()+"."+f.Name]
		if about == "" {
			about = descriptions[typ.Name()+"."+f.Name]
		} else if descriptions[typ.Name()+"."+f.Name] != "" {
			g.t.Errorf("descriptions: %s.%s has a comment now", typ.Name(), f.Name)
		}
		if about == "" {
			g.t.Errorf("%s.%s: no description: give the field a comment in rules/facts", typ.Name(), f.Name)
		}
		p := g.property(f.Type)
		p["description"] = about
		properties[name] = p
		required = append(required, name)
	}
	return map[string]any{"type": "object", "additionalProperties": false, "required": required, "properties": properties}
}

func (g *schemaGen) property(typ reflect.Type) map[string]any {
	switch typ.Kind() {
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.property(typ.Elem())}
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{g.property(typ.Elem()), map[string]any{"type": "null"}}}
	case reflect.Struct:
		name := strings.ToLower(typ.Name())
		if g.defs[name] == nil {
			g.defs[name] = true // no recursion: facts hold no type inside itself
			def := g.object(typ)
			def["description"] = firstSentence.ReplaceAllString(g.comments[typ.Name()], "")
			g.defs[name] = def
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	}
	g.t.Fatalf("no schema for %s", typ)
	return nil
}

// fieldComments reads the comments of a file's structs.
func fieldComments(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	for _, d := range f.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, s := range gen.Specs {
			typ := s.(*ast.TypeSpec)
			comments[typ.Name.Name] = oneLine(gen.Doc)
			st, ok := typ.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, field := range st.Fields.List {
				for _, name := range field.Names {
					text := oneLine(field.Comment)
					if text == "" {
						text = oneLine(field.Doc)
					}
					comments[typ.Name.Name+"."+name.Name] = text
				}
			}
		}
	}
	if len(comments) == 0 {
		t.Fatal("no struct found in " + file)
	}
	return comments
}

func oneLine(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
