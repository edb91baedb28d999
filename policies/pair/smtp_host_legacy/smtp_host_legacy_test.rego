package postern.rules.pair.smtp_host_legacy_test

import data.postern.rules.pair.smtp_host_legacy

_findings(host) := found if {
	found := smtp_host_legacy.findings with input as {"settings": [{"host": host, "host_line": 0, "line": 2, "file": ".env"}]}
}

test_fails_with_the_relay if {
	_findings("relay.pair.com") == {{
		"message": "host is relay.pair.com, which Pair's page names no more",
		"value": "relay.pair.com",
		"file": ".env",
		"line": 2,
	}}
}

test_passes_with_another_host if {
	count(_findings("relay2.pair.com")) == 0
	count(_findings("relay.pair.com.example.com")) == 0
	count(_findings("")) == 0
}
