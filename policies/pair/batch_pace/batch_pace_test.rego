package postern.rules.pair.batch_pace_test

import data.postern.rules.pair.batch_pace

_findings(since) := found if {
	found := batch_pace.findings with input as {"history": {"since_last_ms": since}}
}

test_passes_at_the_limit if count(_findings(3000)) == 0

test_fails_below if {
	_findings(2999) == {{
		"message": "2999 ms after the message before it, 3 seconds is the least",
		"value": 2999,
		"limit": 3000,
		"retry_seconds": 1,
		"remedy": "Wait 1 second, or let postern wait (ledger.pace in postern.yaml).",
	}}
}

test_waits_the_whole_time_at_once if {
	some finding in _findings(0)
	finding.retry_seconds == 3
}

test_passes_the_first_message if count(_findings(null)) == 0

test_passes_a_bounce if {
	batch_pace.findings == set() with input as {
		"history": {"since_last_ms": 0}, "sender": {"null_envelope": true}, "automation": {"delivery_report": true},
	}
}
