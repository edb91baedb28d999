package postern.rules.sender.from_affiliation_test

import data.postern.rules.sender.from_affiliation

_alice := {"username": "alice", "domains": ["example.com"], "addresses": ["alice@example.net"]}

_findings(local, domain, owner, provider) := found if {
	found := from_affiliation.findings with input as {"sender": {"from": [{
		"address": concat("@", [local, domain]), "domain": domain, "line": 1,
	}]}}
		with data.postern.account as owner
		with data.postern.provider as provider
}

test_fails_with_another_domain if {
	_findings("bob", "example.net", _alice, "none") == {{
		"message": `From is "bob@example.net", which is not under the account's domains`,
		"value": "bob@example.net",
		"limit": "example.com",
		"line": 1,
	}}
}

test_passes_with_the_accounts_own if {
	count(_findings("bob", "mail.example.com", _alice, "none")) == 0
	count(_findings("alice", "example.net", _alice, "none")) == 0
}

test_passes_where_the_provider_has_its_own_rule if count(_findings("bob", "example.net", _alice, "pair")) == 0

test_passes_without_account if count(_findings("bob", "example.net", null, "none")) == 0
