# METADATA
# scope: package
# title: More recipients in an hour than the limit
# description: >-
#   Many providers allow an account so many recipients in an hour, counting each recipient of each message. No page that postern
#   rests on states a number, so there is no limit until you set one.
# related_resources:
#   - ref: https://help.dreamhost.com/hc/en-us/articles/215730437
# custom:
#   severity: error
#   clause: your provider's limit on recipients in an hour, as you have set it
#   remedy: Send the rest later, or ask the provider for more.
#   requires: [history]
#   temporary: true
package postern.rules.recipients.hour

import data.postern.lib.history

findings contains {
	"message": sprintf(
		"%d recipients in %d messages within %s, %d is the most",
		[sent.recipients, sent.messages, history.duration(_window), _limit],
	),
	"value": sent.recipients,
	"limit": _limit,
	"retry_seconds": wait,
	"remedy": history.later(wait),
} if {
	_limit > 0
	not history.bounce
	sent := history.window(_window).account
	sent.recipients > _limit
	wait := history.wait(sent, "recipients", _limit, _window)
}

_window := data.postern.limits.recipients.hour.window_seconds

_limit := data.postern.limits.recipients.hour.recipients
