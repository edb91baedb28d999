package postern.rules.pair.pairlist_subscribers_test

import data.postern.rules.pair.pairlist_subscribers

_findings(number, name) := found if {
	found := pairlist_subscribers.findings with input as {"settings": [{"file": "postern.yaml", "line": 4, "name": name}]}
		with data.postern.account as {"pairlist_subscribers": number}
}

test_passes_at_the_limit if count(_findings(1000, "account.pairlist_subscribers")) == 0

test_fails_one_over if {
	_findings(1001, "account.pairlist_subscribers") == {{
		"message": "the pairList has 1001 subscribers, 1000 is the most in one list",
		"value": 1001,
		"limit": 1000,
		"file": "postern.yaml",
		"line": 4,
	}}
}

test_passes_on_other_settings if count(_findings(1001, "office")) == 0
