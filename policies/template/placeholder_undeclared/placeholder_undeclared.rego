# METADATA
# scope: package
# title: Placeholder that no sample data knows
# description: >-
#   A template writes a name that none of its sample data holds, in a branch that no sample takes or in a file that nobody
#   renders here. A misspelt name looks like that, and leaves a gap in the mail of whoever is the first to get that branch.
# related_resources:
#   - ref: https://mustache.github.io/mustache.5.html
# custom:
#   severity: warning
#   opaque: true
#   clause: Mustache, variables
#   remedy: >-
#     Correct the name, or add it to a sample that shows this part of the template. A name that is missing on purpose stands in
#     a condition, or has a default.
package postern.rules.template.placeholder_undeclared

findings contains {
	"message": sprintf("no sample data has %q", [variable.name]),
	"value": variable.name,
	"file": variable.file,
	"line": variable.line,
} if {
	some variable in input.variables
	variable.undeclared
}
