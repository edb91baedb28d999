# METADATA
# scope: package
# title: A recipient's provider states a smaller limit
# description: >-
#   The smallest limit on the way decides. A message that leaves your server can still come back from the recipient's.
# related_resources:
#   - ref: https://support.google.com/mail/answer/6590
#   - ref: https://support.apple.com/en-ca/102198
# custom:
#   severity: warning
#   clause: size/recipient_limit
#   remedy: Send these recipients a link to the file, or make the message smaller than the number.
package postern.rules.size.recipient_path

findings contains {
	"message": sprintf(
		"%d octets on the wire, the provider of %s states %d for a message",
		[input.size.data_bytes, domain, limit],
	),
	"value": input.size.data_bytes,
	"limit": limit,
} if {
	input.size.data_bytes > _smallest
	some domain in input.recipients.domains
	limit := data.postern.limits.size.recipient_path[_domains[domain]]
	input.size.data_bytes > limit
}

_domains := data.postern.lists.size.recipient_path.domains

_smallest := min({bytes | some bytes in data.postern.limits.size.recipient_path})
