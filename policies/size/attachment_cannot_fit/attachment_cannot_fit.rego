# METADATA
# scope: package
# title: Attachment can never fit
# description: >-
#   base64 makes of 57 octets 78 on the wire. A file whose base64 form alone is over the limit cannot be sent, whatever else is
#   taken out of the message. The "around 35 MB" of Pair's page holds for text only: 29,230,767 octets are the most for 40 MB
#   read as 40,000,000, and 30,650,682 for 41,943,040.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2045#section-6.8
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 2045 section 6.8
#   remedy: Send a link to the file, or split it into volumes no larger than the number that fits.
package postern.rules.size.attachment_cannot_fit

import data.postern.lib.base64
import data.postern.lib.messagesize

findings contains {
	"message": sprintf(
		"attachment %q has %d octets, which base64 makes %d; beside the rest of this message a file of %d fits",
		[
			attachment.filename, attachment.decoded_bytes, base64.encoded(attachment.decoded_bytes),
			base64.largest(_limit - (input.size.data_bytes - attachment.encoded_bytes)),
		],
	),
	"value": attachment.decoded_bytes,
	"limit": base64.largest(_limit),
	"path": attachment.path,
	"line": attachment.line,
} if {
	input.size.data_bytes > _limit
	some attachment in input.attachments
	attachment.decoded_bytes > base64.largest(_limit)
}

_limit := messagesize.limit
