package postern.rules.pair.batch_recipients_test

import data.postern.rules.pair.batch_recipients

_findings(number, uncertain) := found if {
	found := batch_recipients.findings with input as {"recipients": {
		"unique": number, "uncertain": uncertain,
	}}
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
	found := batch_recipients.findings with input as {"recipients": {
		"unique": named, "envelope_unique": envelope, "envelope_known": true, "uncertain": false,
	}}
}
