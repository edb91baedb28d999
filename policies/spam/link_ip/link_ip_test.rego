package postern.rules.spam.link_ip_test

import data.postern.rules.spam.link_ip

_findings(ip) := found if {
	found := link_ip.findings with input as {"links": {"items": [{
		"host": "192.0.2.1", "ip_host": ip, "path": "0", "line": 1,
	}]}}
}

test_fails_with_an_address if {
	_findings(true) == {{
		"message": "a link leads to the IP address 192.0.2.1",
		"value": "192.0.2.1",
		"path": "0",
		"line": 1,
	}}
}

test_passes_with_a_name if count(_findings(false)) == 0
