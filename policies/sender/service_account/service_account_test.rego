package postern.rules.sender.service_account_test

import data.postern.rules.sender.service_account

_address(field, local, domain) := {
	"field": field, "local": local, "domain": domain, "registrable_domain": "example.com",
	"address": concat("@", [local, domain]), "line": 1,
}

_findings(local, domain, envelope) := found if {
	found := service_account.findings with input as {"sender": {
		"from": [_address("from", local, domain)], "envelope": envelope,
	}}
}

test_fails_with_a_service_account if {
	_findings("www-data", "example.com", null) == {{
		"message": `From is "www-data@example.com", a service account`,
		"value": "www-data@example.com",
		"line": 1,
	}}
}

test_fails_with_a_www_host if count(_findings("alice", "www.example.com", null)) == 1

test_fails_with_the_envelope if {
	some finding in _findings("alice", "example.com", _address("envelope", "root", "example.com"))
	finding.message == `the envelope sender is "root@example.com", a service account`
}

test_passes_with_a_person if {
	count(_findings("alice", "example.com", _address("envelope", "alice", "example.com"))) == 0
}
