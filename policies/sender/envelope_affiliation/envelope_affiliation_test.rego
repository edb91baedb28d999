package postern.rules.sender.envelope_affiliation_test

import data.postern.rules.sender.envelope_affiliation

_alice := {"username": "alice", "domains": ["example.com"], "addresses": []}

_address(local, domain) := {"address": concat("@", [local, domain]), "domain": domain, "line": 4}

_findings(envelope, sender, received, owner) := found if {
	found := envelope_affiliation.findings with input as {
		"sender": {"envelope": envelope, "sender": sender},
		"header": {"received": received},
	}
		with data.postern.account as owner
		with data.postern.provider as "pair"
}

test_fails_with_another_envelope_sender if {
	_findings(_address("bob", "example.net"), [], 0, _alice) == {{
		"message": `the envelope sender is "bob@example.net", which is not under the account's domains`,
		"value": "bob@example.net",
		"limit": "example.com",
	}}
}

test_fails_with_another_sender if {
	_findings(null, [_address("bob", "example.net")], 0, _alice) == {{
		"message": `Sender is "bob@example.net", which is not under the account's domains`,
		"value": "bob@example.net",
		"limit": "example.com",
		"line": 4,
		"severity": "error",
	}}
}

test_fails_with_another_resent_from if {
	found := envelope_affiliation.findings with input as {
		"sender": {"envelope": null, "sender": [], "resent_from": [_address("bob", "example.net"), _address("alice", "example.com")]},
		"header": {"received": 0},
	}
		with data.postern.account as _alice
		with data.postern.provider as "pair"
	found == {{
		"message": `the message is sent again as "bob@example.net", which is not under the account's domains`,
		"value": "bob@example.net",
		"limit": "example.com",
		"line": 4,
		"severity": "error",
	}}
}

test_notes_a_sender_put_in_under_way if {
	some finding in _findings(null, [_address("list-owner", "example.net")], 1, _alice)
	finding.severity == "info"
}

test_passes_with_the_accounts_own if {
	count(_findings(_address("bob", "mail.example.com"), [_address("alice", "pair.com")], 0, _alice)) == 0
}

test_passes_with_the_null_sender if count(_findings(null, [], 0, _alice)) == 0

test_passes_without_account if count(_findings(_address("bob", "example.net"), [], 0, null)) == 0
