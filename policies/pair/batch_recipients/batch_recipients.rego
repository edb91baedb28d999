# METADATA
# scope: package
# title: More addresses than one batch may have
# description: >-
#   Pair's resource policy forbids mail to more than 25 addresses in one batch, in sequence or in parallel, by whatever means. A
#   message to more addresses than that is such a batch by itself; with a ledger, messages that are sent one after another are
#   one batch too. Virtual private and dedicated servers may be excepted.
# related_resources:
#   - ref: https://policy.pair.com/hosting/usage-policies/resource-usage.html
# custom:
#   severity: error
#   fields: [To, Cc, Bcc]
#   clause: pair/batch
#   remedy: >-
#     Send it through a pairList, which is made for this. A few more addresses can be sent to in batches of at most 25, with at
#     least three seconds between deliveries; on a VPS or dedicated server, ask Pair and raise the limit in postern.yaml.
package postern.rules.pair.batch_recipients

import data.postern.lib.count as counted
import data.postern.lib.history
import data.postern.lib.recipients

findings contains {
	"message": sprintf(
		"%s in one message, %d is the most in one batch",
		[counted.recipients(recipients.receiving, input.recipients.uncertain), _limit],
	),
	"value": recipients.receiving,
	"limit": _limit,
} if {
	recipients.receiving > _limit
}

findings contains {
	"message": sprintf(
		"%d addresses in %d messages within %s, %d is the most in one batch",
		[sent.addresses, sent.messages, history.duration(_window), _limit],
	),
	"value": sent.addresses,
	"limit": _limit,
	"temporary": true,
	"retry_seconds": wait,
	"remedy": sprintf("%s A mailing is better sent through a pairList.", [history.later(wait)]),
} if {
	input.history != null
	not history.bounce
	recipients.receiving <= _limit
	sent := history.window(_window).account
	sent.addresses > _limit
	wait := history.wait(sent, "addresses", _limit, _window)
}

_window := data.postern.limits.pair.batch_recipients.window_seconds

_limit := data.postern.limits.pair.batch_recipients.recipients
