# METADATA
# scope: package
# title: Text and HTML say different things
# description: >-
#   The parts of multipart/alternative are forms of one content (RFC 2046 section 5.1.4). Filters compare them, and people who read
#   the text miss what the HTML says.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2046#section-5.1.4
# custom:
#   severity: warning
#   clause: RFC 2046 section 5.1.4
#   remedy: Make the text part from the HTML anew whenever that changes.
package postern.rules.spam.text_html_differ

findings contains {
	"message": sprintf(
		"the text part (%d words) and the HTML part (%d words) of one alternative share few words",
		[input.text.plain_words, input.text.html_words],
	),
} if {
	input.text.alternative_differs
}
