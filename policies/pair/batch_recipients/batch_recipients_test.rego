package postern.rules.pair.batch_recipients_test

import data.postern.rules.pair.batch_recipients

_findings(number, uncertain) := found if {
	found := batch_recipients.findings with input as {
		"recipients": {"unique": number, "uncertain": uncertain},
		"history": null,
	}
}

test_passes_at_the_limit if count(_findings(25, false)) == 0

test_fails_one_over if {
	_findings(26, false) == {{
		"message": "26 recipients in one message, 25 is the most in one batch",
		"value": 26,
		"limit": 25,
	}}
}

test_fails_when_the_number_is_uncertain if {
	some finding in _findings(26, true)
	startswith(finding.message, "at least 26 recipients")
}

test_envelope_counts_when_it_is_known if {
	_enveloped(25, 26) == set()
	some finding in _enveloped(26, 25)
	finding.value == 26
}

_enveloped(envelope, named) := found if {
	found := batch_recipients.findings with input as {"history": null, "recipients": {
		"unique": named, "envelope_unique": envelope, "envelope_known": true, "uncertain": false,
	}}
}

_sent(addresses, receiving) := found if {
	found := batch_recipients.findings with input as {
		"recipients": {"unique": receiving, "uncertain": false},
		"history": {"windows": [{"seconds": 600, "account": {
			"messages": addresses, "addresses": addresses,
			"later": [{"seconds": 4, "addresses": addresses - 1}, {"seconds": 9, "addresses": 1}],
		}}]},
	}
}

test_passes_at_the_limit_over_the_batch if count(_sent(25, 1)) == 0

test_fails_one_over_in_the_batch if {
	_sent(26, 1) == {{
		"message": "26 addresses in 26 messages within 10 minutes, 25 is the most in one batch",
		"value": 26,
		"limit": 25,
		"temporary": true,
		"retry_seconds": 4,
		"remedy": "It can go in 4 seconds, if nothing else is sent before. A mailing is better sent through a pairList.",
	}}
}

test_fails_by_itself_whatever_was_sent if {
	some finding in _sent(40, 26)
	finding.value == 26
	count(_sent(40, 26)) == 1
}
