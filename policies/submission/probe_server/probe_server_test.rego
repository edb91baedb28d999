package postern.rules.submission.probe_server_test

import data.postern.rules.submission.probe_server

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
	found := probe_server.findings with input as {"settings": [_setting(changes)]}
}

test_fails_with_an_answer if {
	_findings({}) == {{
		"message": concat("", [
			`"alice.mail.pairserver.com": TLS 1.3, certificate for alice.mail.pairserver.com with key sha256//abc=; `,
			"login by PLAIN, LOGIN; SIZE 41943040; 8BITMIME, SMTPUTF8",
		]),
		"file": "postern.yaml",
		"line": 3,
	}}
}

test_fails_with_a_short_answer if {
	some f in _findings({"auth": [], "size": 0, "eight_bit_mime": false, "smtputf8": false})
	endswith(f.message, "; login by nothing; no SIZE; nothing")
}

test_passes_without_tls if count(_findings({"tls": ""})) == 0

test_passes_unasked if count(_findings({"done": false})) == 0
