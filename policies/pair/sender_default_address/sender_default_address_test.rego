package postern.rules.pair.sender_default_address_test

import data.postern.rules.pair.sender_default_address

_alice := {"username": "alice", "domains": ["example.com"], "addresses": []}

_findings(local, domain, owner) := found if {
	found := sender_default_address.findings with input as {"sender": {"from": [{
		"address": concat("@", [local, domain]), "domain": domain, "line": 2,
	}]}}
		with data.postern.account as owner
}

test_fails_with_the_default_address if {
	_findings("alice", "pair.com", _alice) == {{
		"message": `From is "alice@pair.com", an address of the provider and not of your own domain`,
		"value": "alice@pair.com",
		"line": 2,
	}}
}

test_fails_with_a_host if {
	count(_findings("www", "qs123.pair.com", null)) == 1
	count(_findings("www", "alice.mail.pairserver.com", _alice)) == 1
}

test_fails_without_account if count(_findings("alice", "pair.com", null)) == 1

test_passes_with_another_users_address if count(_findings("bob", "pair.com", _alice)) == 0

test_passes_with_the_own_domain if {
	count(_findings("alice", "example.com", _alice)) == 0
	count(_findings("alice", "repair.com", null)) == 0
}
