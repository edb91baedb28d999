package postern.rules.recipients.hour_test

import data.postern.rules.recipients.hour as rule

_findings(number, limit) := found if {
	found := rule.findings with input as {"history": {"windows": [{"seconds": 3600, "account": {
		"messages": 40, "recipients": number, "later": [{"seconds": 900, "recipients": 99}],
	}}]}}
		with data.postern.limits.recipients.hour as {"recipients": limit, "window_seconds": 3600}
}

test_passes_at_the_limit if count(_findings(100, 100)) == 0

test_fails_one_over if {
	_findings(101, 100) == {{
		"message": "101 recipients in 40 messages within 60 minutes, 100 is the most",
		"value": 101,
		"limit": 100,
		"retry_seconds": 900,
		"remedy": "It can go in 15 minutes, if nothing else is sent before.",
	}}
}

test_passes_without_a_limit if count(_findings(100000, 0)) == 0
