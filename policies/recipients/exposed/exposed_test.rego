package postern.rules.recipients.exposed_test

import data.postern.rules.recipients.exposed

_findings(number) := found if {
	found := exposed.findings with input as {"recipients": {"visible": number}}
}

test_passes_at_the_limit if count(_findings(20)) == 0

test_fails_one_over if {
	_findings(21) == {{
		"message": "each of 21 recipients in To and Cc can read the others' addresses, 20 are the most",
		"value": 21,
		"limit": 20,
	}}
}
