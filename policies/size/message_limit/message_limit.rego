# METADATA
# scope: package
# title: Message is over the server's announced limit
# description: >-
#   A server announces with SIZE the largest message that it takes (RFC 1870). It counts header and body with CRLF line ends.
#   What you set as its number in postern.yaml is the only limit on size that counts then.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc1870
# custom:
#   severity: error
#   clause: RFC 1870 section 6.1
#   remedy: >-
#     Send a link to the file, or split the attachments over several messages; `postern size FILE` shows where the octets go and
#     what still fits.
package postern.rules.size.message_limit

findings contains {
	"message": sprintf("%d octets on the wire, the server takes %d", [input.size.data_bytes, data.postern.server_size]),
	"value": input.size.data_bytes,
	"limit": data.postern.server_size,
} if {
	data.postern.server_size > 0
	input.size.data_bytes > data.postern.server_size
}
