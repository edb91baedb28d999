# METADATA
# scope: package
# title: Plain text only points to the HTML
# description: >-
#   Readers who see the plain text, and programs that index or read aloud, get nothing but a hint; filters take a text
#   that differs from the HTML for a sign of spam. Whether the text is a hint is a guess from its words.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.4
# custom:
#   severity: warning
#   clause: RFC 2046 section 5.1.4
#   remedy: >-
#     Write what the HTML says into the plain text, or have it made from the HTML.
package postern.rules.template.text_part_stale

findings contains {
	"message": sprintf("the plain text of %d words points to the HTML of %d: %q", [
		input.text.plain_words, input.text.html_words, spot.text,
	]),
	"value": input.text.plain_words,
	"path": spot.path,
	"line": spot.line,
} if {
	input.origin == "template"
	some spot in input.leftovers.stub.sample
	input.text.plain_words * _ratio < input.text.html_words
}

_ratio := data.postern.limits.template.text_part_stale.html_ratio
