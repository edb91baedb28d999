# METADATA
# scope: package
# title: Value that a program had not
# description: >-
#   Words such as undefined, null, NaN, [object Object] or Invalid Date stand where a value belongs, or a date is the
#   beginning of 1970: the program that made the message had no value. In a message that no template is known of it is a
#   warning.
# related_resources:
#   - ref: https://262.ecma-international.org/#sec-ecmascript-data-types-and-values
# custom:
#   severity: error
#   opaque: true
#   clause: ECMAScript, undefined and null
#   remedy: >-
#     Find out which value was missing, and leave the sentence out or give a default when there is none.
package postern.rules.template.literal_null

import data.postern.lib.template

findings contains {
	"message": sprintf("the program that made the message had no value here: %q", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
	"severity": template.grave,
} if {
	some spot in _literals
}

_literals contains spot if some spot in input.leftovers.literals.sample

_literals contains placeholder if {
	some placeholder in input.text.placeholders
	placeholder.syntax == "half_rendered"
}
