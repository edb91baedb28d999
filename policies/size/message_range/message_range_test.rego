package postern.rules.size.message_range_test

import data.postern.rules.size.message_range

_findings(bytes, server) := found if {
	found := message_range.findings with input as {"size": {
		"data_bytes": bytes, "body_bytes": bytes - 600, "lf_bytes": 39600000,
	}}
		with data.postern.server_size as server
		with data.postern.provider as "pair"
}

test_passes_at_the_smallest_reading if count(_findings(40000000, 0)) == 0

test_fails_one_octet_over if {
	some finding in _findings(40000001, 0)
	finding.message == concat("", [
		"40000001 octets on the wire (39999401 without the header, 39600000 as stored with LF), ",
		"over 40 MB read as 40000000, not as 40960000 or 41943040",
	])
	finding.limit == 40000000
}

test_fails_with_two_readings_broken if {
	some finding in _findings(40960001, 0)
	endswith(finding.message, "over 40 MB read as 40000000 or 40960000, not as 41943040")
}

test_fails_at_the_largest_reading if count(_findings(41943040, 0)) == 1

test_passes_over_the_largest_reading if count(_findings(41943041, 0)) == 0

test_passes_when_the_server_states_its_limit if count(_findings(41000000, 50000000)) == 0
