# METADATA
# scope: package
# title: A mailing sent as single messages
# description: >-
#   A mailing list can be sent as many messages with one recipient each, and every one of them is harmless by itself. Messages with
#   nearly the same text that went to many different addresses are one mailing, and what holds for bulk mail holds for it.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
#   - ref: https://policy.pair.com/hosting/usage-policies/resource-usage.html
# custom:
#   severity: error
#   clause: pair/bulk
#   remedy: >-
#     Send a mailing through a pairList or a service for newsletters. If these are messages that each recipient has asked for at
#     that moment, such as confirmations of orders, raise limits.bulk.campaign.recipients in postern.yaml.
#   requires: [history]
package postern.rules.bulk.campaign

import data.postern.lib.history

findings contains {
	"message": sprintf(
		"%d messages with nearly this text have gone to %d addresses within %s, %d is the most",
		[sent.messages, sent.addresses, history.duration(_window), _limit],
	),
	"value": sent.addresses,
	"limit": _limit,
} if {
	sent := history.campaign
	not input.automation.delivery_report
	input.automation.auto_submitted != "auto-replied"
}

_window := data.postern.limits.bulk.campaign.window_seconds

_limit := data.postern.limits.bulk.campaign.recipients
