# METADATA
# scope: package
# title: Message is large enough to declare its size
# description: >-
#   With SIZE= in MAIL FROM a server refuses a message that is too large before it is sent, and not after (RFC 1870).
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc1870#section-6
# custom:
#   severity: info
#   clause: RFC 1870 section 6
#   remedy: >-
#     Send it with a program that declares the size, as Postfix does to servers that announce SIZE.
package postern.rules.submission.size_param

findings contains {
	"message": sprintf("%d octets, declare them with SIZE=%d in MAIL FROM", [input.size.data_bytes, input.size.data_bytes]),
	"value": input.size.data_bytes,
	"limit": _limit,
} if {
	input.size.data_bytes > _limit
}

_limit := data.postern.limits.submission.size_param.data_bytes
