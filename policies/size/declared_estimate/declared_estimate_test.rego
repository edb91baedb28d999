package postern.rules.size.declared_estimate_test

import data.postern.rules.size.declared_estimate

_findings(bytes, server) := found if {
	found := declared_estimate.findings with input as {"size": {"data_bytes": bytes}}
		with data.postern.server_size as server
}

test_passes_at_the_limit if count(_findings(9996000, 10000000)) == 0

test_fails_one_octet_over if {
	_findings(9996001, 10000000) == {{
		"message": "9996001 octets leave 3999 below the server's 10000000, and servers on the way add up to about 4000",
		"value": 9996001,
		"limit": 9996000,
	}}
}

test_passes_over_the_servers_number if count(_findings(10000001, 10000000)) == 0

test_passes_when_the_number_is_unknown if count(_findings(500, 0)) == 0
