package postern.rules.sender.replyto_mismatch_test

import data.postern.rules.sender.replyto_mismatch

_address(domain) := {"address": concat("@", ["bob", domain]), "domain": domain, "line": 5}

_findings(from, reply) := found if {
	found := replyto_mismatch.findings with input as {"sender": {
		"from": [_address(from)], "reply_to": [_address(reply)],
	}}
}

test_fails_with_free_mail_for_answers if {
	_findings("example.com", "gmail.com") == {{
		"message": `Reply-To is "bob@gmail.com" at a free mail provider, From is under "example.com"`,
		"value": "bob@gmail.com",
		"limit": "example.com",
		"line": 5,
	}}
}

test_passes_with_another_domain if count(_findings("example.com", "example.org")) == 0

test_passes_with_free_mail_on_both_sides if count(_findings("yahoo.com", "gmail.com")) == 0
