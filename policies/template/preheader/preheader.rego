# METADATA
# scope: package
# title: Beginning of the text says little
# description: >-
#   Mail programs show the beginning of the text beside the subject. A short one is followed by what comes next, often a
#   link to the web version or the text of images.
# related_resources:
#   - ref: https://www.litmus.com/blog/the-ultimate-guide-to-preview-text-support/
# custom:
#   severity: info
#   clause: mail programs show 40 to 130 characters of the text
#   remedy: >-
#     Begin with a sentence that adds to the subject, hidden if need be, and keep links to the web version behind it.
package postern.rules.template.preheader

findings contains {
	"message": sprintf("the text that is shown beside the subject begins with %q, %d characters, fewer than %d", [
		document.preheader, document.preheader_chars, _least,
	]),
	"value": document.preheader_chars,
	"limit": _least,
	"path": document.path,
	"line": document.line,
} if {
	input.origin == "template"
	some document in input.html.documents
	document.preheader_chars < _least
}

_least := data.postern.limits.template.preheader.least_chars
