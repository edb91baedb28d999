# METADATA
# scope: package
# title: More recipients than every server must accept
# description: >-
#   A server must accept 100 recipients for one message and may refuse the rest. What it refuses has to be sent again, and not
#   every program does that.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.8
# custom:
#   severity: error
#   fields: [To, Cc, Bcc]
#   clause: RFC 5321 section 4.5.3.1.8
#   remedy: >-
#     Send the message through a mailing list, or in several transactions of at most 100 recipients. If your server accepts more,
#     raise the limit in postern.yaml.
package postern.rules.recipients.per_message

import data.postern.lib.count as counted
import data.postern.lib.recipients

findings contains {
	"message": sprintf(
		"%s, a server need not accept more than %d",
		[counted.recipients(recipients.receiving, input.recipients.uncertain), _limit],
	),
	"value": recipients.receiving,
	"limit": _limit,
} if {
	recipients.receiving > _limit
}

_limit := data.postern.limits.recipients.per_message.recipients
