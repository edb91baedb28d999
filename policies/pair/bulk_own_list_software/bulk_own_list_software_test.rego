package postern.rules.pair.bulk_own_list_software_test

import data.postern.rules.pair.bulk_own_list_software

_alice := {"username": "alice", "domains": ["example.com"], "addresses": []}

_findings(software, domain, received, owner) := found if {
	found := bulk_own_list_software.findings with input as {
		"list": {
			"software": software, "precedence": "list", "id": "", "id_fields": 0, "unsubscribe_fields": 0,
			"feedback_id": "", "post": false,
		},
		"recipients": {"unique": 1},
		"header": {"received": received},
		"sender": {"from": [{
			"address": concat("@", ["news", domain]), "domain": domain, "registrable_domain": domain,
		}]},
		"automation": {"delivery_report": false, "auto_submitted": ""},
	}
		with data.postern.account as owner
		with data.postern.provider as "pair"
}

test_fails_with_the_accounts_sender if {
	_findings("phpList", "example.com", 0, _alice) == {{
		"message": `the header names "phpList", and the sender is the account's own`,
		"value": "phpList",
	}}
}

test_passes_without_software if count(_findings("", "example.com", 0, _alice)) == 0

test_passes_with_another_sender if count(_findings("phpList", "example.net", 0, _alice)) == 0

test_fails_without_account_before_the_first_server if count(_findings("phpList", "example.com", 0, null)) == 1

test_passes_without_account_under_way if count(_findings("phpList", "example.com", 1, null)) == 0
