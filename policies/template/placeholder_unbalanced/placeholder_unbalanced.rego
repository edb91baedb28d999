# METADATA
# scope: package
# title: Placeholder is opened or closed only
# description: >-
#   An opening of a placeholder has no end, or an end has no opening. Engines refuse such a template or write the rest of
#   the text as it stands.
# related_resources:
#   - ref: https://mustache.github.io/mustache.5.html
# custom:
#   severity: error
#   opaque: true
#   clause: Mustache, tags
#   remedy: >-
#     Close the placeholder where it ends, or escape the braces if they are meant to be read.
package postern.rules.template.placeholder_unbalanced

findings contains {
	"message": sprintf("a placeholder is opened or closed only: %q", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.leftovers.unbalanced.sample
}
