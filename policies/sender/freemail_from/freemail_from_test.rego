package postern.rules.sender.freemail_from_test

import data.postern.rules.sender.freemail_from

_findings(domain, owner) := found if {
	found := freemail_from.findings with input as {"sender": {"from": [{
		"address": concat("@", ["bob", domain]), "domain": domain, "line": 1,
	}]}}
		with data.postern.account as owner
}

test_fails_with_a_free_mail_address if {
	_findings("gmail.com", {"domains": ["example.com"]}) == {{
		"message": `From is "bob@gmail.com", an address of a free mail provider that does not send through your server`,
		"value": "bob@gmail.com",
		"line": 1,
	}}
}

test_fails_without_account if count(_findings("yahoo.co.uk", null)) == 1

test_passes_with_an_own_domain if count(_findings("example.com", null)) == 0

test_passes_with_the_providers_own_account if count(_findings("gmail.com", {"domains": ["gmail.com"]})) == 0
