package postern.rules.submission.port_test

import data.postern.rules.submission.port

_setting(changes) := object.union(
	{
		"file": "msmtprc", "line": 2, "format": "msmtp", "host": "alice.mail.pairserver.com", "host_line": 3, "port": 587,
		"port_line": 4, "tls": "starttls", "tls_line": 5, "verify": "on", "verify_line": 6, "auth": "on", "auth_line": 7,
		"password_in_file": false, "password_line": 0, "tracked": false, "world_readable": false,
	},
	changes,
)

_findings(changes) := found if {
	found := port.findings with input as {"settings": [_setting(changes)]}
		with data.postern.limits.submission.port.ports as [465, 587, 25]
}

test_fails_at_other_ports if {
	_findings({"port": 2525}) == {{
		"message": `port is 2525 with "alice.mail.pairserver.com", submission uses 465, 587, 25`,
		"value": 2525,
		"limit": "465, 587, 25",
		"file": "msmtprc",
		"line": 4,
	}}
}

test_fails_beside_the_ports if {
	every port in [1, 24, 26, 464, 466, 586, 588, 65535] {
		count(_findings({"port": port})) == 1
	}
}

test_passes_at_the_ports if {
	every port in [0, 25, 465, 587] {
		count(_findings({"port": port})) == 0
	}
}

test_passes_on_this_machine if count(_findings({"port": 1025, "host": "localhost"})) == 0
