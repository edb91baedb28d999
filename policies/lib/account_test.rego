package postern.lib.account_test

import data.postern.lib.account

_alice := {"username": "Alice", "domains": ["example.com"], "addresses": ["alice@example.net"]}

_address(local, domain) := {"address": concat("@", [local, domain]), "domain": domain}

test_affiliated_domain if account.affiliated(_alice, "none", _address("bob", "example.com"))

test_affiliated_subdomain if account.affiliated(_alice, "none", _address("bob", "mail.example.com"))

test_affiliated_address if account.affiliated(_alice, "none", _address("Alice", "example.net"))

test_affiliated_default_address if account.affiliated(_alice, "pair", _address("alice", "pair.com"))

test_affiliated_host if account.affiliated(_alice, "pair", _address("www", "alice.mail.pairserver.com"))

test_not_affiliated_default_address_elsewhere if {
	not account.affiliated(_alice, "none", _address("alice", "pair.com"))
}

test_not_affiliated_another_users_default_address if {
	not account.affiliated(_alice, "pair", _address("bob", "pair.com"))
}

test_not_affiliated_without_username if {
	not account.affiliated({"username": "", "domains": [], "addresses": []}, "pair", _address("", "pair.com"))
}

test_not_affiliated_name_that_ends_alike if {
	not account.affiliated(_alice, "pair", _address("bob", "badexample.com"))
}
