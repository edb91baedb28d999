# METADATA
# scope: package
# title: What was sent before
# description: >-
#   Reads input.history. A rule that has a limit window_seconds finds a window of that length there, because the engine asks the
#   ledger for it.
package postern.lib.history

# window is the window of so many seconds.
window(seconds) := found if {
	some found in input.history.windows
	found.seconds == seconds
}

# wait is after how many seconds the message would fit the limit if nothing else is sent: when enough has left the window. A
# message that is over the limit by itself never fits; for it the answer is the whole window.
wait(counts, unit, limit, seconds) := min({step.seconds | some step in counts.later; step[unit] <= limit} | {seconds})

# later says when a message can go.
later(seconds) := sprintf("It can go in %s, if nothing else is sent before.", [duration(seconds)])

# duration says a number of seconds, rounded up to a unit in which it is small.
duration(1) := "1 second"

duration(seconds) := sprintf("%d seconds", [seconds]) if {
	seconds != 1
	seconds < 120
}

duration(seconds) := sprintf("%d minutes", [ceil(seconds / 60)]) if {
	seconds >= 120
	seconds < 7200
}

duration(seconds) := sprintf("%d hours", [ceil(seconds / 3600)]) if {
	seconds >= 7200
	seconds < 172800
}

duration(seconds) := sprintf("%d days", [ceil(seconds / 86400)]) if seconds >= 172800

# bounce tells that the message is a report of delivery with the null sender. It is not held back, so that bounces get through.
bounce if {
	input.sender.null_envelope
	input.automation.delivery_report
}

# campaign is what was sent with nearly the same text, when it went to so many that it counts as a mailing.
campaign := found.similar if {
	found := window(data.postern.limits.bulk.campaign.window_seconds)
	found.similar.messages > 1
	found.similar.addresses > data.postern.limits.bulk.campaign.recipients
}
