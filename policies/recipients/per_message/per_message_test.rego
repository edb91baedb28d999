package postern.rules.recipients.per_message_test

import data.postern.rules.recipients.per_message

_findings(number) := found if {
	found := per_message.findings with input as {"recipients": {"unique": number, "uncertain": false}}
}

test_passes_at_the_limit if count(_findings(100)) == 0

test_fails_one_over if {
	_findings(101) == {{
		"message": "101 recipients, a server need not accept more than 100",
		"value": 101,
		"limit": 100,
	}}
}

test_envelope_counts_when_it_is_known if {
	_enveloped(100, 101) == set()
	some finding in _enveloped(101, 100)
	finding.value == 101
}

_enveloped(envelope, named) := found if {
	found := per_message.findings with input as {"recipients": {
		"unique": named, "envelope_unique": envelope, "envelope_known": true, "uncertain": false,
	}}
}
