package postern.rules.template.address_dummy_test

import data.postern.rules.template.address_dummy

_message := {
	"origin": "template",
	"opaque": false,
	"sender": {"from": [], "sender": [], "reply_to": []},
	"leftovers": {"addresses": {"count": 1, "sample": [{"text": "Jane@example.com", "path": "1", "line": 9}]}},
}

_from(domain) := {"sender": {"from": [{"address": sprintf("a@%s", [domain]), "domain": domain, "field": "from", "line": 1}]}}

_findings(patch) := found if {
	found := address_dummy.findings with input as object.union(_message, patch) with data.postern.account as null
}

test_fails_with_a_sender if {
	_findings(_from("shop.test")) == {{
		"message": `nobody has the address "a@shop.test" in from`,
		"value": "a@shop.test",
		"line": 1,
		"severity": "error",
	}}
}

test_notes_a_domain_for_examples if {
	some finding in _findings(_from("mail.example.net"))
	finding.severity == "info"
}

test_fails_with_an_address_in_a_template if {
	_findings({"opaque": true}) == {{
		"message": `nobody has the address "Jane@example.com"`,
		"value": "Jane@example.com",
		"path": "1",
		"line": 9,
	}}
}

test_passes_with_sample_data if count(_findings({})) == 0

test_passes_with_the_accounts_own_domain if {
	count(address_dummy.findings) == 0 with input as object.union(_message, _from("example.com"))
		with data.postern.account as {"domains": ["example.com"]}
}

test_passes_in_a_message if count(_findings(object.union(_from("shop.test"), {"origin": "message"}))) == 0
