package postern.rules.submission.plaintext_auth_test

import data.postern.rules.submission.plaintext_auth

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
	found := plaintext_auth.findings with input as {"settings": [_setting(changes)]}
		with data.postern.account as _alice
		with data.postern.provider as "pair"
}

test_fails_without_tls if {
	_findings({"tls": "none", "host": "smtp.example.net"}) == {{
		"message": `login at "smtp.example.net" without TLS`,
		"value": "none",
		"limit": "implicit, starttls",
		"file": "msmtprc",
		"line": 5,
	}}
}

test_fails_with_optional_tls if count(_findings({"tls": "optional", "host": "smtp.example.net"})) == 1

test_passes_with_tls if {
	every tls in ["implicit", "starttls", "unknown"] {
		count(_findings({"tls": tls, "host": "smtp.example.net"})) == 0
	}
}

test_passes_without_login if count(_findings({"tls": "none", "host": "smtp.example.net", "auth": "off"})) == 0

test_passes_on_this_machine if count(_findings({"tls": "none", "host": "localhost"})) == 0

test_passes_where_pairs_rule_applies if count(_findings({"tls": "none"})) == 0
