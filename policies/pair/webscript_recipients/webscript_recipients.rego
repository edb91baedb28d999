# METADATA
# scope: package
# title: Web script writes to more recipients than it may
# description: >-
#   Pair's resource policy forbids mail to more than 5 recipients by way of a web script. PHP leaves a field in the header that
#   names the script (mail.add_x_header); a message with that field has come from a script.
# related_resources:
#   - ref: https://policy.pair.com/hosting/usage-policies/resource-usage.html
#   - ref: https://www.php.net/manual/en/mail.configuration.php
# custom:
#   severity: error
#   fields: [To, Cc, Bcc]
#   clause: pair/webscript
#   remedy: >-
#     Have the form write to one address, such as a pairList or a forwarding recipe that has the others as members, or keep it to
#     at most 5 recipients.
package postern.rules.pair.webscript_recipients

import data.postern.lib.count as counted
import data.postern.lib.recipients

findings contains {
	"message": sprintf(
		"a web script writes to %s, %d is the most",
		[counted.recipients(recipients.receiving, input.recipients.uncertain), _limit],
	),
	"value": recipients.receiving,
	"limit": _limit,
} if {
	input.header.php_script
	recipients.receiving > _limit
}

_limit := data.postern.limits.pair.webscript_recipients.recipients
