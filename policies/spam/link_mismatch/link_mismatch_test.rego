package postern.rules.spam.link_mismatch_test

import data.postern.rules.spam.link_mismatch

_findings(patch) := found if {
	found := link_mismatch.findings with input as {
		"sender": {"from": [{"registrable_domain": "example.com"}]},
		"links": {"items": [object.union(
			{
				"mismatch": true, "text": "https://www.example.org/login", "text_host": "www.example.org",
				"host": "clicks.example.net", "ip_host": false, "credentials": false, "path": "0.2", "line": 30,
			},
			patch,
		)]},
	}
}

_severity(patch) := finding.severity if some finding in _findings(patch)

test_warns_with_another_host if {
	_findings({}) == {{
		"message": `the text of a link shows "www.example.org", it leads to "clicks.example.net"`,
		"value": "clicks.example.net",
		"limit": "www.example.org",
		"path": "0.2",
		"line": 30,
		"severity": "warning",
	}}
}

test_fails_when_the_host_is_hidden if {
	_severity({"ip_host": true, "host": "192.0.2.1"}) == "error"
	_severity({"credentials": true}) == "error"
}

test_warns_when_the_text_is_no_whole_address if {
	_severity({"ip_host": true, "host": "192.0.2.1", "text": "www.example.org"}) == "warning"
}

test_passes_with_the_senders_own_host if count(_findings({"host": "clicks.example.com"})) == 0

test_passes_with_the_same_host if count(_findings({"mismatch": false})) == 0
