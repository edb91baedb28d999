# METADATA
# scope: package
# title: Another transfer encoding would be smaller
# description: >-
#   base64 adds a third to everything. quoted-printable adds little to plain text, and more than doubles binary files. The
#   difference counts against the size limit.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2045#section-6
# custom:
#   severity: info
#   opaque: true
#   clause: RFC 2045 section 6
#   remedy: Have the program that builds the message choose the other encoding for this part.
package postern.rules.size.encoding_wasteful

findings contains {
	"message": sprintf(
		"attachment %q is sent in %s, %s would save %d octets",
		[attachment.filename, attachment.encoding, attachment.wasteful, attachment.saved_bytes],
	),
	"value": attachment.saved_bytes,
	"limit": _limit,
	"path": attachment.path,
	"line": attachment.line,
} if {
	some attachment in input.attachments
	attachment.wasteful != ""
	attachment.saved_bytes > _limit
}

_limit := data.postern.limits.size.encoding_wasteful.saved_bytes
