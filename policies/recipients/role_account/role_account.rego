# METADATA
# scope: package
# title: Bulk mail goes to role accounts
# description: >-
#   Addresses such as abuse@ and postmaster@ are there for reports (RFC 2142). Nobody subscribes them to a mailing; they come from
#   harvested lists, and those who read them complain.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2142
# custom:
#   severity: warning
#   fields: [To, Cc, Bcc]
#   opaque: true
#   clause: RFC 2142 section 1
#   remedy: Take role accounts off the mailing, unless a person has subscribed one and you hold proof.
package postern.rules.recipients.role_account

import data.postern.lib.bulk

findings contains {
	"message": sprintf("bulk mail (%s) goes to role accounts: %s", [bulk.because, concat(", ", [sprintf("%q", [role]) |
		some role in input.recipients.roles
	])]),
	"value": count(input.recipients.roles),
	"limit": 0,
} if {
	count(input.recipients.roles) > 0
	bulk.own
}
