package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

type schemaNode struct {
	Type        any                    `json:"type"`
	Enum        []any                  `json:"enum"`
	Description string                 `json:"description"`
	Closed      json.RawMessage        `json:"additionalProperties"`
	Properties  map[string]*schemaNode `json:"properties"`
}

// The schema has exactly the keys of the table, each with its type and a description.
func TestSchemaHasTheKeys(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	var walk func(path string, n *schemaNode)
	walk = func(path string, n *schemaNode) {
		if len(n.Properties) > 0 && string(n.Closed) != "false" {
			t.Errorf("%q accepts other keys", path)
		}
		for name, p := range n.Properties {
			key := join(path, name)
			got[key], _ = p.Type.(string)
			if p.Type == nil && p.Enum != nil {
				got[key] = "string"
			}
			if p.Description == "" {
				t.Errorf("%s has no description", key)
			}
			walk(key, p)
		}
	}
	walk("", &root)
	want := map[string]string{}
	for key, spec := range table {
		want[key] = [...]string{"string", "string", "integer", "boolean", "array", "object", "object", "array"}[spec.kind]
	}
	if len(want) == 0 {
		t.Fatal("no keys")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-keys +schema:\n%s", diff)
	}
}

// What Parse accepts, the schema accepts. The other way round need not hold, but most bad files must be bad for an editor too.
func TestSchemaAndParseAgree(t *testing.T) {
	c := jsonschema.NewCompiler()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.AddResource("postern.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("postern.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(file string) error {
		var n yaml.Node
		if err := yaml.Unmarshal(read(t, file), &n); err != nil || len(n.Content) == 0 {
			return err
		}
		return schema.Validate(plain(n.Content[0]))
	}
	for _, file := range fixtures(t, "good") {
		if err := validate(file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	seen := 0
	for _, name := range []string{"many", "types", "numbers", "usernames", "username-long", "empty-groups", "keys", "no-values", "rules", "root-list", "date-form", "suppressions", "templates", "password", "login", "ledger", "sendmail"} {
		seen++
		if err := validate(filepath.Join("testdata", "bad", name+".yaml")); err == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
	if seen == 0 {
		t.Fatal("no fixtures")
	}
}

// plain turns a node into what a JSON Schema is applied to; dates are text there.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := []any{}
		for _, c := range n.Content {
			l = append(l, plain(c))
		}
		return l
	case yaml.AliasNode:
		return nil
	}
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		return n.Value
	}
	return v
}

func TestVariables(t *testing.T) {
	want := []string{"POSTERN_ACCOUNT_CREATED", "POSTERN_ACCOUNT_PAIRLIST_SUBSCRIBERS", "POSTERN_ACCOUNT_PLAN", "POSTERN_ACCOUNT_SERVER_NUMBER", "POSTERN_ACCOUNT_USERNAME",
		"POSTERN_FAIL_ON", "POSTERN_LEDGER_KEY_FILE", "POSTERN_LEDGER_LONGEST_WAIT", "POSTERN_LEDGER_PACE",
		"POSTERN_LEDGER_PASSWORD_FILE", "POSTERN_LEDGER_URL", "POSTERN_PROVIDER",
		"POSTERN_SENDMAIL_AUTH_FAILURE", "POSTERN_SENDMAIL_DOMAIN", "POSTERN_SENDMAIL_HELD", "POSTERN_SENDMAIL_HELD_STATUS",
		"POSTERN_SENDMAIL_LINE_ENDS", "POSTERN_SENDMAIL_LOG", "POSTERN_SENDMAIL_LOG_ADDRESSES", "POSTERN_SENDMAIL_LOG_KEY",
		"POSTERN_SENDMAIL_MAX_OCTETS", "POSTERN_SENDMAIL_PATH", "POSTERN_SENDMAIL_REJECT_EXIT", "POSTERN_SENDMAIL_SENDER", "POSTERN_SENDMAIL_TRANSPORT",
		"POSTERN_SENDMAIL_WEB_SCRIPT", "POSTERN_SERVER_SIZE", "POSTERN_SUBMISSION_AUTH", "POSTERN_SUBMISSION_HOST",
		"POSTERN_SUBMISSION_PASSWORD_CREDENTIAL", "POSTERN_SUBMISSION_PASSWORD_ENV", "POSTERN_SUBMISSION_PASSWORD_FILE",
		"POSTERN_SUBMISSION_PORT", "POSTERN_SUBMISSION_TIMEOUT", "POSTERN_SUBMISSION_TLS", "POSTERN_SUBMISSION_USER", "POSTERN_SUBMISSION_VERIFY", "POSTERN_VERIFY_GUARDS"}
	if diff := cmp.Diff(want, Variables()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if spec := table[key]; spec.set != nil && spec.example == "" {
			t.Errorf("%s has no example", key)
		} else if spec.set != nil {
			if err := Check(key, spec.example, clock); err != nil {
				t.Errorf("the example of %s: %v", key, err)
			}
		}
	}
}
