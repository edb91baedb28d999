# METADATA
# scope: package
# title: Message is over every reading of the size limit
# description: >-
#   The server refuses a message that is larger than its limit, after all of it has been sent. "40 MB" can mean 40,000,000,
#   40,960,000 or 41,943,040 octets; this rule speaks only above the largest. When the number that the server announces is known,
#   size.message_limit speaks instead.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: error
#   clause: pair/file_size
#   remedy: >-
#     Send a link to the file, or split the attachments over several messages; `postern size FILE` shows where the octets go and
#     what still fits.
#   input: message
package postern.rules.pair.size_limit

findings contains {
	"message": sprintf("%d octets on the wire, the largest reading of 40 MB is %d", [input.size.data_bytes, _limit]),
	"value": input.size.data_bytes,
	"limit": _limit,
} if {
	data.postern.server_size == 0
	input.size.data_bytes > _limit
}

_limit := data.postern.limits.pair.size_limit.largest_bytes
