# METADATA
# scope: package
# title: Messages follow each other too fast
# description: >-
#   Pair's resource policy wants at least three seconds between two deliveries of a batch. The page can be read as a condition on
#   larger batches only; the strict reading is the safe one, and holds for every two messages of the account.
# related_resources:
#   - ref: https://policy.pair.com/hosting/usage-policies/resource-usage.html
# custom:
#   severity: error
#   clause: pair/pace
#   remedy: Wait, or let postern wait (ledger.pace in postern.yaml).
#   requires: [history]
#   temporary: true
package postern.rules.pair.batch_pace

import data.postern.lib.history

findings contains {
	"message": sprintf(
		"%s ms after the message before it, %s is the least",
		[format_int(input.history.since_last_ms, 10), history.duration(_limit)],
	),
	"value": input.history.since_last_ms,
	"limit": _limit * 1000,
	"retry_seconds": wait,
	"remedy": sprintf("Wait %s, or let postern wait (ledger.pace in postern.yaml).", [history.duration(wait)]),
} if {
	not history.bounce
	input.history.since_last_ms != null
	input.history.since_last_ms < _limit * 1000
	wait := ceil(((_limit * 1000) - input.history.since_last_ms) / 1000)
}

_limit := data.postern.limits.pair.batch_pace.seconds
