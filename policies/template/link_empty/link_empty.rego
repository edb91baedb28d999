# METADATA
# scope: package
# title: Link that leads nowhere
# description: >-
#   A link without an address, or to "#", was to be filled in; a reader who follows it stays where he is.
# related_resources:
#   - ref: https://html.spec.whatwg.org/multipage/links.html
# custom:
#   severity: error
#   opaque: true
#   clause: HTML section 4.6.1
#   remedy: >-
#     Give the link its address, or leave it out when there is none.
package postern.rules.template.link_empty

findings contains {
	"message": sprintf("the link %q leads nowhere", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.links.empty.sample
}
