package postern.rules.sender.display_name_spoof_test

import data.postern.rules.sender.display_name_spoof

_findings(shown, registrable, owner) := found if {
	found := display_name_spoof.findings with input as {"sender": {"from": [{
		"address": "news@mail.example.com", "domain": "mail.example.com", "registrable_domain": registrable,
		"display_name_address": shown, "line": 2,
	}]}}
		with data.postern.account as owner
}

test_fails_with_another_domain if {
	_findings("ceo@example.net", "example.com", null) == {{
		"message": `the name in From shows "ceo@example.net", the address is "news@mail.example.com"`,
		"value": "ceo@example.net",
		"limit": "news@mail.example.com",
		"line": 2,
	}}
}

test_fails_with_an_account_that_has_not_got_it if {
	count(_findings("ceo@example.net", "example.com", {"domains": ["example.com"]})) == 1
}

test_passes_with_the_same_registrable_domain if count(_findings("ceo@example.com", "example.com", null)) == 0

test_passes_with_the_same_domain if count(_findings("ceo@mail.example.com", "", null)) == 0

test_passes_with_two_own_domains if {
	count(_findings("ceo@example.net", "example.com", {"domains": ["example.com", "example.net"]})) == 0
}

test_passes_without_address if count(_findings("", "example.com", null)) == 0
