package postern.rules.recipients.dummy_test

import data.postern.rules.recipients.dummy

_severity(address) := finding.severity if {
	some finding in dummy.findings with input as {"recipients": {"dummies": [address]}}
}

test_fails_with_names_that_never_exist if {
	every address in ["bob@shop.invalid", "bob@a.test", "bob@mail.EXAMPLE", "bob@host.localhost", "bob@localhost"] {
		_severity(address) == "error"
	}
}

test_warns_with_domains_for_examples if {
	every address in ["bob@example.com", "bob@mail.example.net", "bob@example.org"] {
		_severity(address) == "warning"
	}
}

test_says_the_address if {
	some finding in dummy.findings with input as {"recipients": {"dummies": ["bob@shop.invalid"]}}
	finding.message == `mail to "bob@shop.invalid" cannot be delivered: its domain is reserved`
}

test_passes_with_none if count(dummy.findings) == 0 with input as {"recipients": {"dummies": []}}
