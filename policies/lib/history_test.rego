package postern.lib.history_test

import data.postern.lib.history

_counts := {"addresses": 26, "messages": 26, "later": [
	{"seconds": 10, "addresses": 25, "messages": 25}, {"seconds": 20, "addresses": 20, "messages": 20},
]}

_input := {"history": {"windows": [{"seconds": 60, "similar": _counts}, {"seconds": 86400, "similar": _counts}]}}

test_window if history.window(60).seconds == 60 with input as _input

test_no_such_window if not history.window(61) with input as _input

test_wait_until_enough_has_left if {
	history.wait(_counts, "addresses", 25, 600) == 10
	history.wait(_counts, "addresses", 24, 600) == 20
	history.wait(_counts, "messages", 20, 600) == 20
}

test_wait_of_what_never_fits if history.wait(_counts, "addresses", 19, 600) == 600

test_later if history.later(10) == "It can go in 10 seconds, if nothing else is sent before."

test_durations if {
	history.duration(1) == "1 second"
	history.duration(0) == "0 seconds"
	history.duration(119) == "119 seconds"
	history.duration(120) == "2 minutes"
	history.duration(121) == "3 minutes"
	history.duration(7199) == "120 minutes"
	history.duration(7200) == "2 hours"
	history.duration(172799) == "48 hours"
	history.duration(172800) == "2 days"
}

_campaign(limit) if {
	history.campaign with input as _input
		with data.postern.limits.bulk.campaign as {"window_seconds": 86400, "recipients": limit}
}

test_campaign if _campaign(25)

test_no_campaign_at_the_limit if not _campaign(26)

test_one_message_is_no_campaign if {
	one := {"addresses": 60, "messages": 1, "later": []}
	not history.campaign with input as {"history": {"windows": [{"seconds": 86400, "similar": one}]}}
		with data.postern.limits.bulk.campaign as {"window_seconds": 86400, "recipients": 25}
}

test_bounce if {
	history.bounce with input as {"sender": {"null_envelope": true}, "automation": {"delivery_report": true}}
	not history.bounce with input as {"sender": {"null_envelope": true}, "automation": {"delivery_report": false}}
	not history.bounce with input as {"sender": {"null_envelope": false}, "automation": {"delivery_report": true}}
}
