# METADATA
# scope: package
# title: Filler text
# description: >-
#   Text that designers fill a page with was not replaced.
# related_resources:
#   - ref: https://www.lipsum.com/
# custom:
#   severity: error
#   opaque: true
#   clause: filler text is no message
#   remedy: >-
#     Replace it with the text that the reader is to have.
package postern.rules.template.filler_lorem

import data.postern.lib.template

findings contains {
	"message": sprintf("filler text was not replaced: %q", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
	"severity": template.grave,
} if {
	some spot in input.leftovers.filler.sample
}
