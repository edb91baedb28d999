package postern.rules.submission.size_param_test

import data.postern.rules.submission.size_param

_findings(bytes) := found if {
	found := size_param.findings with input as {"size": {"data_bytes": bytes}}
		with data.postern.limits.submission.size_param.data_bytes as 10240000
}

test_passes_at_the_limit if count(_findings(10240000)) == 0

test_fails_one_octet_over if {
	_findings(10240001) == {{
		"message": "10240001 octets, declare them with SIZE=10240001 in MAIL FROM",
		"value": 10240001,
		"limit": 10240000,
	}}
}
