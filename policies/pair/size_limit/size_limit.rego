# METADATA
# scope: package
# title: Message is over every reading of the size limit
# description: >-
#   The server refuses a message that is larger than its limit, after all of it has been sent. "40 MB" can mean 40,000,000,
#   40,960,000 or 41,943,040 octets; this rule speaks only above the largest, or above the number that the server announces.
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
	"message": sprintf("%d octets on the wire, %s is %d", [input.size.data_bytes, _limit.name, _limit.bytes]),
	"value": input.size.data_bytes,
	"limit": _limit.bytes,
} if {
	input.size.data_bytes > _limit.bytes
}

# The number that the user's own server announces counts alone.
_limit := {"name": "the server's announced limit", "bytes": data.postern.server_size} if {
	data.postern.server_size > 0
} else := {"name": "the largest reading of 40 MB", "bytes": data.postern.limits.pair.size_limit.largest_bytes}
