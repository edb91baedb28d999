package postern.rules.pair.smtp_tls_name_test

import data.postern.rules.pair.smtp_tls_name

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
	found := smtp_tls_name.findings with input as {"settings": [_setting(changes)]}
		with data.postern.account as _alice
		with data.postern.provider as "pair"
}

test_fails_with_the_own_name if {
	_findings({"host": "mail.example.com"}) == {{
		"message": `host is "mail.example.com", the server's certificate is for alice.mail.pairserver.com`,
		"value": "mail.example.com",
		"limit": "alice.mail.pairserver.com",
		"file": "msmtprc",
		"line": 3,
	}}
}

test_fails_with_the_domain_itself if count(_findings({"host": "example.com", "tls": "unknown"})) == 1

# That there is no TLS is the finding of another rule.
test_passes_without_tls if count(_findings({"host": "mail.example.com", "tls": "none"})) == 0

test_passes_with_the_accounts_host if count(_findings({})) == 0

test_passes_with_another_domain if count(_findings({"host": "mail.example.net"})) == 0
