# METADATA
# scope: package
# title: Placeholder was not replaced
# description: >-
#   The recipient reads the name of a field instead of its value. Filters know it too (SpamAssassin: UNRESOLVED_TEMPLATE).
#   In a message that no template is known of it is a warning, because mail about programs quotes placeholders.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: error
#   clause: spam/spamassassin
#   remedy: >-
#     Give the field a value, or a default in the template; if the text is meant to show a placeholder, suppress the rule
#     for this file.
package postern.rules.template.placeholder_unrendered

import data.postern.lib.template

findings contains {
	"message": sprintf("the placeholder %q (%s) in the %s was not replaced", [placeholder.text, placeholder.syntax, placeholder.place]),
	"value": placeholder.text,
	"path": placeholder.path,
	"line": placeholder.line,
	"severity": template.grave,
} if {
	some placeholder in input.text.placeholders
	placeholder.syntax != "half_rendered"
}
