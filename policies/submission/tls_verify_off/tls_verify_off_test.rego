package postern.rules.submission.tls_verify_off_test

import data.postern.rules.submission.tls_verify_off

_setting(changes) := object.union(
	{
		"file": "msmtprc", "line": 2, "format": "msmtp", "host": "alice.mail.pairserver.com", "host_line": 3, "port": 587,
		"port_line": 4, "tls": "starttls", "tls_line": 5, "verify": "on", "verify_line": 6, "auth": "on", "auth_line": 7,
		"password_in_file": false, "password_line": 0, "tracked": false, "world_readable": false,
	},
	changes,
)

_findings(changes) := found if {
	found := tls_verify_off.findings with input as {"settings": [_setting(changes)]}
}

test_fails_without_check if {
	_findings({"verify": "off"}) == {{
		"message": `the certificate of "alice.mail.pairserver.com" is not checked`,
		"value": "off",
		"limit": "on",
		"file": "msmtprc",
		"line": 6,
	}}
}

test_passes_with_check if {
	count(_findings({})) == 0
	count(_findings({"verify": "unknown"})) == 0
}

# That TLS is missing or not required is the finding of another rule.
test_passes_without_required_tls if {
	count(_findings({"verify": "off", "tls": "none"})) == 0
	count(_findings({"verify": "off", "tls": "optional"})) == 0
}

test_passes_on_this_machine if count(_findings({"verify": "off", "host": "127.0.0.1"})) == 0
