package postern.rules.pair.smtp_auth_required_test

import data.postern.rules.pair.smtp_auth_required

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
	found := smtp_auth_required.findings with input as {"settings": [_setting(changes)]}
		with data.postern.account as _alice
		with data.postern.provider as "pair"
}

test_fails_without_login if {
	_findings({"auth": "off"}) == {{
		"message": `SMTP AUTH is off with "alice.mail.pairserver.com"`,
		"value": "off",
		"limit": "on",
		"file": "msmtprc",
		"line": 7,
	}}
}

test_passes_with_login if {
	count(_findings({})) == 0
	count(_findings({"auth": "unknown"})) == 0
}

test_passes_elsewhere if count(_findings({"auth": "off", "host": "localhost"})) == 0
