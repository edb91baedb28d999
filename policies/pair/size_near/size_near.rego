# METADATA
# scope: package
# title: Message is close to the size limit
# description: >-
#   Servers on the way add header fields, and "40 MB" may mean as little as 40,000,000 octets. A message that only just fits
#   under that can be refused after all of it has been sent.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: warning
#   clause: pair/file_size
#   remedy: >-
#     Send a link to the largest file, or split the attachments over two messages. If you know the number that your server
#     announces with SIZE, set it in postern.yaml: then only that counts.
package postern.rules.pair.size_near

findings contains {
	"message": sprintf(
		"%d octets on the wire leave %d of the smallest reading of 40 MB, %d",
		[input.size.data_bytes, _smallest - input.size.data_bytes, _smallest],
	),
	"value": input.size.data_bytes,
	"limit": data.postern.limits.pair.size_near.near_bytes,
} if {
	data.postern.server_size == 0
	input.size.data_bytes > data.postern.limits.pair.size_near.near_bytes
	input.size.data_bytes <= _smallest
}

_smallest := data.postern.limits.size.message_range.smallest_bytes
