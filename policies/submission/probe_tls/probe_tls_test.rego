package postern.rules.submission.probe_tls_test

import data.postern.rules.submission.probe_tls

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
	found := probe_tls.findings with input as {"settings": [_setting(changes)]}
		with data.postern.limits.submission.probe_tls.versions as ["TLS 1.2", "TLS 1.3"]
}

test_fails_without_tls if {
	_findings({"tls": "", "tls_problem": "no STARTTLS"}) == {{
		"message": `"alice.mail.pairserver.com" port 587 gives no TLS: no STARTTLS`,
		"value": "none",
		"limit": "TLS 1.2, TLS 1.3",
		"file": "postern.yaml",
		"line": 5,
	}}
}

test_fails_with_old_tls if {
	{f.message | some f in _findings({"tls": "TLS 1.1"})} == {`"alice.mail.pairserver.com" speaks TLS 1.1 at most`}
}

test_passes_with_new_tls if {
	every version in ["TLS 1.2", "TLS 1.3"] {
		count(_findings({"tls": version})) == 0
	}
}

test_passes_unasked if count(_findings({"done": false, "tls": ""})) == 0
