# METADATA
# scope: package
# title: Message is over some readings of the size limit
# description: >-
#   "40 MB" can mean 40,000,000, 40,960,000 (four times the default of Postfix) or 41,943,040 octets, and the page does not say
#   which. Between the smallest and the largest a message may pass or be refused.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
#   - ref: https://www.postfix.org/postconf.5.html#message_size_limit
# custom:
#   severity: warning
#   clause: pair/file_size
#   remedy: >-
#     Make the message smaller than 40,000,000 octets: a file of up to about 29,230,000 octets fits as an ordinary attachment. Or
#     look up the number that your server announces with SIZE, and set it in postern.yaml: then only that counts.
package postern.rules.size.message_range

findings contains {
	"message": sprintf(
		"%d octets on the wire (%d without the header, %d as stored with LF), over 40 MB read as %s, not as %s",
		[input.size.data_bytes, input.size.body_bytes, input.size.lf_bytes, _list(_broken), _list(_kept)],
	),
	"value": input.size.data_bytes,
	"limit": _smallest,
} if {
	data.postern.provider == "pair"
	data.postern.server_size == 0
	input.size.data_bytes > _smallest
	input.size.data_bytes <= _largest
}

_smallest := data.postern.limits.size.message_range.smallest_bytes

_largest := data.postern.limits.pair.size_limit.largest_bytes

_readings := [_smallest, data.postern.limits.size.message_range.middle_bytes, _largest]

_broken := [reading | some reading in _readings; input.size.data_bytes > reading]

_kept := [reading | some reading in _readings; input.size.data_bytes <= reading]

_list(numbers) := concat(" or ", [format_int(number, 10) | some number in numbers])
