# METADATA
# scope: package
# title: Link without encryption
# description: >-
#   What is read over http: can be read and changed on the way, and browsers warn of it. Mail programs show a warning for
#   some of these links.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc9110#section-4.2.1
# custom:
#   severity: warning
#   opaque: true
#   clause: RFC 9110 section 4.2.2
#   remedy: >-
#     Write https: in place of http:, after looking whether the site answers there.
package postern.rules.template.link_http

findings contains {
	"message": sprintf("a link to %s is not encrypted (http:)", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.links.insecure.sample
}
