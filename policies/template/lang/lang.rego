# METADATA
# scope: package
# title: HTML does not state its language
# description: >-
#   Programs that read aloud or translate have to guess the language.
# related_resources:
#   - ref: https://www.w3.org/TR/WCAG22/#language-of-page
# custom:
#   severity: warning
#   opaque: true
#   clause: WCAG 2.2 success criterion 3.1.1
#   remedy: >-
#     Write the language into the html element, such as <html lang="en">.
package postern.rules.template.lang

findings contains {
	"message": "the html element states no language",
	"path": document.path,
	"line": document.line,
} if {
	input.origin == "template"
	some document in input.html.documents
	document.page
	document.lang == ""
}
