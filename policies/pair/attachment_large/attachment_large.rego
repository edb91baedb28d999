# METADATA
# scope: package
# title: Large attachment
# description: >-
#   Pair asks its customers not to send large attachments through the mail server, without saying what is large. The number
#   here is a choice; set your own in postern.yaml.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: warning
#   opaque: true
#   clause: pair/large_attachments
#   remedy: Put the file on your web space and send the link, or make it smaller before you attach it.
package postern.rules.pair.attachment_large

findings contains {
	"message": sprintf(
		"attachment %q takes %d octets encoded, over %d",
		[attachment.filename, attachment.encoded_bytes, _limit],
	),
	"value": attachment.encoded_bytes,
	"limit": _limit,
	"path": attachment.path,
	"line": attachment.line,
} if {
	some attachment in input.attachments
	attachment.encoded_bytes > _limit
}

_limit := data.postern.limits.pair.attachment_large.encoded_bytes
