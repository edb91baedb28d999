# METADATA
# scope: package
# title: Image without alternative text
# description: >-
#   Whoever does not load images, or listens to the message, learns nothing of it. An empty text (alt="") is right for
#   decoration.
# related_resources:
#   - ref: https://www.w3.org/TR/WCAG22/#non-text-content
# custom:
#   severity: warning
#   opaque: true
#   clause: WCAG 2.2 success criterion 1.1.1
#   remedy: >-
#     Give the image an alt text that says what it shows, or alt="" if it says nothing.
package postern.rules.template.img_alt

findings contains {
	"message": sprintf("the image %q has no alternative text", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.html.images_without_alt.sample
}
