# METADATA
# scope: package
# title: Image without width and height
# description: >-
#   Until the image is loaded the program does not know how much room it needs, and Outlook for Windows shows it in its
#   own size.
# related_resources:
#   - ref: https://html.spec.whatwg.org/multipage/embedded-content-other.html#dimension-attributes
# custom:
#   severity: info
#   opaque: true
#   clause: HTML section 4.8.17
#   remedy: >-
#     State width and height as attributes of the image.
package postern.rules.template.img_dimensions

findings contains {
	"message": sprintf("the image %q states no width and height", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.html.images_without_size.sample
}
