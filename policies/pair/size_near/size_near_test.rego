package postern.rules.pair.size_near_test

import data.postern.rules.pair.size_near

_findings(bytes, server) := found if {
	found := size_near.findings with input as {"size": {"data_bytes": bytes}}
		with data.postern.server_size as server
}

test_passes_at_the_limit if count(_findings(38000000, 0)) == 0

test_fails_one_octet_over if {
	_findings(38000001, 0) == {{
		"message": "38000001 octets on the wire leave 1999999 of the smallest reading of 40 MB, 40000000",
		"value": 38000001,
		"limit": 38000000,
	}}
}

test_fails_at_the_smallest_reading if count(_findings(40000000, 0)) == 1

test_passes_over_the_smallest_reading if count(_findings(40000001, 0)) == 0

test_passes_when_the_server_states_its_limit if count(_findings(39000000, 50000000)) == 0
