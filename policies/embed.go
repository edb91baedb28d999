// Package policies holds the built-in policies: Rego rules with their tests, the limits and clauses that they rest on, and the
// schema of their input. It holds data only; package rules reads it.
//
//	input.schema.json                   what Rego sees of a message (rules/facts)
//	lib/*.rego                          helpers, package postern.lib.<name>
//	<category>/limits.yaml              numbers, each with where it comes from
//	<category>/clauses.yaml             sentences of a provider's pages, each with its address and the date it was read
//	<category>/<rule>/<rule>.rego       one rule, package postern.rules.<category>.<rule>
//	<category>/<rule>/<rule>_test.rego  its tests
//	<category>/<rule>/data.yaml         its word lists
//	rfc/problems/table.yaml             one row for each problem that reading a message can meet
package policies

import "embed"

// FS holds the files named in the package's comment, with slash-separated paths relative to this directory.
//
//go:embed input.schema.json lib/*.rego */*.yaml */*/*.rego */*/*.yaml
var FS embed.FS
