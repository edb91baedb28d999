# METADATA
# scope: package
# title: Message needs 8BITMIME
# description: >-
#   Text is sent as 8bit. A program may send it only to a server that announces 8BITMIME, and each server on the way
#   needs it too or must recode the part, which breaks signatures.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6152#section-3
# custom:
#   severity: warning
#   clause: RFC 6152 section 3
#   remedy: >-
#     Encode text as quoted-printable or base64, or make sure that the program sends BODY=8BITMIME.
package postern.rules.submission.eightbit_mime

findings contains {
	"message": sprintf("the text holds octets above 127 that are declared as 8bit, %d of them", [input.lines.body_eight_bit]),
	"value": input.lines.body_eight_bit,
} if {
	input.lines.body_eight_bit > 0
	not _undeclared
}

# Octets that no encoding declares are another matter: rfc.cte_8bit.
_undeclared if {
	some problem in input.problems
	problem.id == "rfc.cte_8bit"
}
