package postern.rules.submission.password_readable_test

import data.postern.rules.submission.password_readable

_setting(changes) := object.union(
	{
		"file": "msmtprc", "line": 2, "format": "msmtp", "host": "alice.mail.pairserver.com", "host_line": 3, "port": 587,
		"port_line": 4, "tls": "starttls", "tls_line": 5, "verify": "on", "verify_line": 6, "auth": "on", "auth_line": 7,
		"password_in_file": false, "password_line": 0, "tracked": false, "world_readable": false,
	},
	changes,
)

_findings(changes) := found if {
	found := password_readable.findings with input as {"settings": [_setting(changes)]}
}

test_fails_in_a_readable_file if {
	_findings({"password_in_file": true, "password_line": 9, "world_readable": true}) == {{
		"message": "a password for sending mail stands in a file that every user of the machine can read",
		"file": "msmtprc",
		"line": 9,
	}}
}

test_passes_in_a_private_file if count(_findings({"password_in_file": true, "password_line": 9})) == 0

test_passes_in_a_tracked_file if {
	count(_findings({"password_in_file": true, "password_line": 9, "world_readable": true, "tracked": true})) == 0
}

test_passes_without_password if count(_findings({"world_readable": true})) == 0
