# METADATA
# scope: package
# title: Image inside the HTML
# description: >-
#   Gmail and Outlook do not show data: addresses, and they make the HTML larger, which Gmail cuts at about 102 kB.
# related_resources:
#   - ref: https://www.caniemail.com/features/image-base64/
# custom:
#   severity: warning
#   opaque: true
#   clause: caniemail.com, Base 64 image format
#   remedy: >-
#     Link to the image on the web, or attach it and refer to it by its Content-ID (cid:).
package postern.rules.template.data_uri

findings contains {
	"message": sprintf("Gmail and Outlook do not show what is inside the HTML: %q", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.html.data_uris.sample
}
