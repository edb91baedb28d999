# METADATA
# scope: package
# title: Web script writes to more recipients than it may
# description: >-
#   Pair's resource policy forbids mail to more than 5 recipients by way of a web script. A script is known by the caller's
#   environment when mail is sent, or by the field in the header in which PHP names it (mail.add_x_header). With a ledger, the
#   messages that scripts send one after another count together.
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
import data.postern.lib.history
import data.postern.lib.recipients

findings contains {
	"message": sprintf(
		"a web script writes to %s, %d is the most",
		[counted.recipients(recipients.receiving, input.recipients.uncertain), _limit],
	),
	"value": recipients.receiving,
	"limit": _limit,
} if {
	input.web_script
	recipients.receiving > _limit
}

findings contains {
	"message": sprintf(
		"web scripts wrote to %d recipients in %d messages within %s, %d is the most",
		[sent.addresses, sent.messages, history.duration(_window), _limit],
	),
	"value": sent.addresses,
	"limit": _limit,
	"temporary": true,
	"retry_seconds": wait,
	"remedy": sprintf("%s A script that tells many people of something is better off with a pairList.", [history.later(wait)]),
} if {
	input.history != null
	input.web_script
	recipients.receiving <= _limit
	sent := history.window(_window).web_scripts
	sent.addresses > _limit
	wait := history.wait(sent, "addresses", _limit, _window)
}

_window := data.postern.limits.pair.webscript_recipients.window_seconds

_limit := data.postern.limits.pair.webscript_recipients.recipients
