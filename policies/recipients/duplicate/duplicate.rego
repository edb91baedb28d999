# METADATA
# scope: package
# title: An address is named more than once
# description: >-
#   An address that stands in To, Cc and Bcc more than once can get the message twice, and it counts twice with providers that
#   count what is written.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.3
# custom:
#   severity: warning
#   fields: [To, Cc, Bcc]
#   opaque: true
#   clause: RFC 5322 section 3.6.3
#   remedy: Name each address once, in the first of To, Cc and Bcc that fits.
package postern.rules.recipients.duplicate

findings contains {
	"message": sprintf(
		"addresses named more than once, copies %d: %s",
		[input.recipients.duplicates, concat(", ", [sprintf("%q", [sample]) |
			some sample in input.recipients.duplicate_sample
		])],
	),
	"value": input.recipients.duplicates,
	"limit": 0,
} if {
	input.recipients.duplicates > 0
}
