# METADATA
# scope: package
# title: HTML does not state its charset
# description: >-
#   The header field of the message says it, but the HTML loses that when it is saved, forwarded or shown in a browser.
# related_resources:
#   - ref: https://html.spec.whatwg.org/multipage/semantics.html#charset
# custom:
#   severity: warning
#   opaque: true
#   clause: HTML section 4.2.5.4
#   remedy: >-
#     Write <meta charset="utf-8"> as the first element of the head.
package postern.rules.template.charset

findings contains {
	"message": "no meta element states the charset",
	"path": document.path,
	"line": document.line,
} if {
	input.origin == "template"
	some document in input.html.documents
	document.page
	document.charset == ""
}
