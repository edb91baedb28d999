package postern.rules.submission.probe_certificate_test

import data.postern.rules.submission.probe_certificate

_setting(changes) := {
	"file": "postern.yaml", "line": 2, "format": "postern", "host": "alice.mail.pairserver.com", "host_line": 3, "port": 587,
	"port_line": 4, "tls": "starttls", "tls_line": 5, "auth": "on", "auth_line": 7,
	"probe": object.union(
		{
			"done": true, "starttls": true, "tls": "TLS 1.3", "tls_problem": "", "certificate": "",
			"certificate_names": ["alice.mail.pairserver.com"], "key": "sha256//abc=", "auth_clear": [],
			"auth": ["PLAIN", "LOGIN"], "login": "", "size": 41943040, "eight_bit_mime": true, "smtputf8": true,
		},
		changes,
	),
}

_findings(changes) := found if {
	found := probe_certificate.findings with input as {"settings": [_setting(changes)]}
}

test_fails_with_another_name if {
	_findings({"certificate": "not this host", "certificate_names": ["a.example", "b.example"]}) == {{
		"message": `the certificate of "alice.mail.pairserver.com" cannot be trusted: not this host`,
		"value": "a.example, b.example",
		"limit": "alice.mail.pairserver.com",
		"file": "postern.yaml",
		"line": 3,
	}}
}

test_passes_with_a_good_one if count(_findings({})) == 0

test_passes_unasked if count(_findings({"done": false, "certificate": "x"})) == 0
