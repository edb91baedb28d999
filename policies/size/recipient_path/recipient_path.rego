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
		"%d octets on the wire, %s states %d for a message (recipients at %s)",
		[input.size.data_bytes, provider, limit, domain],
	),
	"value": input.size.data_bytes,
	"limit": limit,
} if {
	input.size.data_bytes > min([limit | some limit in _limits])
	some domain in input.recipients.domains
	provider := data.postern.lists.size.recipient_path.domains[domain]
	limit := _limits[provider]
	input.size.data_bytes > limit
}

_limits := {
	"Gmail": data.postern.limits.size.recipient_path.gmail_bytes,
	"iCloud": data.postern.limits.size.recipient_path.icloud_bytes,
}
