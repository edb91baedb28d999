package postern.rules.pair.sender_unaffiliated_test

import data.postern.rules.pair.sender_unaffiliated

_alice := {"username": "alice", "domains": ["example.com", "example.org"], "addresses": ["alice@example.net"]}

_from(local, domain) := {"address": concat("@", [local, domain]), "domain": domain, "line": 3}

_findings(from, owner) := found if {
	found := sender_unaffiliated.findings with input as {"sender": {"from": from}}
		with data.postern.account as owner
}

test_passes_with_the_accounts_own if {
	every from in [
		_from("bob", "example.com"), _from("bob", "mail.example.org"), _from("alice", "example.net"),
		_from("alice", "pair.com"),
	] {
		count(_findings([from], _alice)) == 0
	}
}

test_fails_with_another_domain if {
	_findings([_from("bob", "example.net")], _alice) == {{
		"message": `From is "bob@example.net", which is not under the account's domains`,
		"value": "bob@example.net",
		"limit": "example.com, example.org",
		"line": 3,
	}}
}

test_fails_with_one_of_two if count(_findings([_from("a", "example.com"), _from("b", "example.edu")], _alice)) == 1

test_fails_without_domain if count(_findings([{"address": "bob", "domain": "", "line": 1}], _alice)) == 1

test_passes_without_account if count(_findings([_from("bob", "example.net")], null)) == 0
