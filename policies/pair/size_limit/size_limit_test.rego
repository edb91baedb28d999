package postern.rules.pair.size_limit_test

import data.postern.rules.pair.size_limit

test_passes_at_the_limit if {
	count(size_limit.findings) == 0 with input as {"size": {"data_bytes": 41943040}}
}

test_fails_one_octet_over if {
	size_limit.findings == {{
		"message": "41943041 octets on the wire, the largest reading of 40 MB is 41943040",
		"value": 41943041,
		"limit": 41943040,
	}} with input as {"size": {"data_bytes": 41943041}}
}

test_passes_when_the_server_states_its_limit if {
	count(size_limit.findings) == 0 with input as {"size": {"data_bytes": 50000000}}
		with data.postern.server_size as 50000000
}

test_passes_when_the_limit_is_raised if {
	count(size_limit.findings) == 0 with input as {"size": {"data_bytes": 41943041}}
		with data.postern.limits.pair.size_limit.largest_bytes as 50000000
}
