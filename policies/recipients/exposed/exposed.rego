# METADATA
# scope: package
# title: Many recipients can read each other's addresses
# description: >-
#   Everybody who gets the message can read all addresses in To and Cc. With people who do not know each other that discloses
#   personal data, and one "reply to all" makes it worse.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.3
# custom:
#   severity: warning
#   fields: [To, Cc]
#   clause: RFC 5322 section 3.6.3
#   remedy: Put the addresses into Bcc, or send one message to each recipient.
package postern.rules.recipients.exposed

findings contains {
	"message": sprintf(
		"each of %d recipients in To and Cc can read the others' addresses, %d are the most",
		[input.recipients.visible, _limit],
	),
	"value": input.recipients.visible,
	"limit": _limit,
} if {
	input.recipients.visible > _limit
}

_limit := data.postern.limits.recipients.exposed.visible
