package postern.rules.pair.smtp_port25_test

import data.postern.rules.pair.smtp_port25

_alice := {"username": "alice", "created": "2015-03-01", "server_number": 0, "domains": ["example.com"]}

_setting(changes) := object.union(
	{
		"file": "msmtprc", "line": 2, "format": "msmtp", "host": "alice.mail.pairserver.com", "host_line": 3, "port": 587,
		"port_line": 4, "tls": "starttls", "tls_line": 5, "verify": "on", "verify_line": 6, "auth": "on", "auth_line": 7,
		"password_in_file": false, "password_line": 0, "tracked": false, "world_readable": false,
	},
	changes,
)

_findings(changes) := found if {
	found := smtp_port25.findings with input as {"settings": [_setting(changes)]}
		with data.postern.account as _alice
		with data.postern.provider as "pair"
}

test_fails_at_25 if {
	_findings({"port": 25}) == {{
		"message": "port is 25, which many networks block",
		"value": 25,
		"limit": "465, 587",
		"file": "msmtprc",
		"line": 4,
	}}
}

test_passes_beside_25 if {
	every port in [0, 24, 26, 465, 587] {
		count(_findings({"port": port})) == 0
	}
}

test_passes_elsewhere if count(_findings({"port": 25, "host": "localhost"})) == 0
