# METADATA
# scope: package
# title: No room for what is added on the way
# description: >-
#   Each server adds header fields: 566 octets were measured on a message that passed through Pair, and a DKIM signature takes
#   500 to 800 more. An estimate of a message's size should err on the high side (RFC 1870 section 5).
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc1870
# custom:
#   severity: info
#   clause: RFC 1870 section 5
#   remedy: Leave some thousand octets of room below the server's number.
package postern.rules.size.declared_estimate

findings contains {
	"message": sprintf(
		"%d octets leave %d below the server's %d, and servers on the way add up to about %d",
		[input.size.data_bytes, data.postern.server_size - input.size.data_bytes, data.postern.server_size, _reserve],
	),
	"value": input.size.data_bytes,
	"limit": data.postern.server_size - _reserve,
} if {
	data.postern.server_size > _reserve
	input.size.data_bytes <= data.postern.server_size
	input.size.data_bytes > data.postern.server_size - _reserve
}

_reserve := data.postern.limits.size.declared_estimate.reserve_bytes
