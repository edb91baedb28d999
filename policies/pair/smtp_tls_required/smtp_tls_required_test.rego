package postern.rules.pair.smtp_tls_required_test

import data.postern.rules.pair.smtp_tls_required

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
	found := smtp_tls_required.findings with input as {"settings": [_setting(changes)]}
		with data.postern.account as _alice
		with data.postern.provider as "pair"
}

test_fails_without_tls if {
	_findings({"tls": "none"}) == {{
		"message": `no TLS with "alice.mail.pairserver.com"`,
		"value": "none",
		"limit": "implicit, starttls",
		"file": "msmtprc",
		"line": 5,
	}}
}

test_fails_with_optional_tls if count(_findings({"tls": "optional", "host": "mail.example.com"})) == 1

test_passes_with_tls if {
	every tls in ["implicit", "starttls", "unknown"] {
		count(_findings({"tls": tls})) == 0
	}
}

test_passes_elsewhere if count(_findings({"tls": "none", "host": "smtp.example.net"})) == 0
