package postern.rules.size.message_limit_test

import data.postern.rules.size.message_limit

_findings(bytes, server) := found if {
	found := message_limit.findings with input as {"size": {"data_bytes": bytes}}
		with data.postern.server_size as server
}

test_passes_at_the_limit if count(_findings(10240000, 10240000)) == 0

test_fails_one_octet_over if {
	_findings(10240001, 10240000) == {{
		"message": "10240001 octets on the wire, the server takes 10240000",
		"value": 10240001,
		"limit": 10240000,
	}}
}

test_passes_when_the_number_is_unknown if count(_findings(50000000, 0)) == 0
