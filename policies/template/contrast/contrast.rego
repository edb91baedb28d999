# METADATA
# scope: package
# title: Text stands out too little from its ground
# description: >-
#   Readers with weak eyes, and all readers in bright light, cannot read text whose colour is close to that of its ground. Only
#   colours that inline styles state are compared: what style sheets and mail programs make of the others is not known.
# related_resources:
#   - ref: https://www.w3.org/TR/WCAG22/#contrast-minimum
# custom:
#   severity: info
#   opaque: true
#   clause: WCAG 2.2 success criterion 1.4.3
#   remedy: >-
#     Make the text darker or the ground lighter, or the other way about, until the ratio is reached.
package postern.rules.template.contrast

findings contains {
	"message": sprintf("%q is written in %s on %s: a contrast of %d.%02d:1, under %v:1", [
		pair.text, pair.colour, pair.ground, floor(pair.ratio / 100), pair.ratio % 100, limit,
	]),
	"value": pair.ratio / 100,
	"limit": limit,
	"path": pair.path,
	"line": pair.line,
} if {
	input.origin == "template"
	some pair in input.html.contrasts
	limit := _least(pair.large)
	pair.ratio < limit * 100
}

_least(false) := data.postern.limits.template.contrast.ratio

_least(true) := data.postern.limits.template.contrast.large_ratio
