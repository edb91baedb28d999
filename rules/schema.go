package rules

import (
	"encoding/json"
	"fmt"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/policies"
)

// inputSchema makes OPA's type checker know every field of the input, so that a mistyped one does not load. Without it the
// mistyped field would be undefined and its rule would pass every message.
var inputSchema = sync.OnceValues(func() (*ast.SchemaSet, error) {
	raw, err := policies.FS.ReadFile("input.schema.json")
	if err != nil {
		return nil, err
	}
	var schema any
	if err := json.Unmarshal(raw, &schema); err != nil {
		return nil, fmt.Errorf("input.schema.json: %w", err)
	}
	set := ast.NewSchemaSet()
	set.Put(ast.SchemaRootRef, schema)
	return set, nil
})
