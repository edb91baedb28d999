# METADATA
# scope: package
# title: Message needs 8BITMIME
# description: >-
#   A part is sent as 8bit. A program may send it only to a server that announces 8BITMIME, and each server on the way
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
	"message": sprintf("part %s holds 8-bit text that is declared as 8bit", [part.path]),
	"value": part.encoding,
	"path": part.path,
	"line": part.line,
} if {
	input.lines.body_eight_bit > 0
	some part in input.parts
	part.encoding == "8bit"
	part.children == 0
}
