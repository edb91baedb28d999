package postern.rules.submission.probe_auth_test

import data.postern.rules.submission.probe_auth

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

_findings(changes, auth) := found if {
	setting := object.union(_setting(changes), {"auth": auth, "user": "alice"})
	found := probe_auth.findings with input as {"settings": [setting]}
}

test_fails_without_auth if {
	_findings({"auth": []}, "on") == {{
		"message": `"alice.mail.pairserver.com" offers no way to log in`,
		"value": "none",
		"file": "postern.yaml",
		"line": 7,
	}}
}

test_fails_when_refused if {
	{f.message | some f in _findings({"login": "refused"}, "on")} == {`"alice.mail.pairserver.com" refuses the login of "alice"`}
}

test_fails_with_auth_in_the_clear if {
	{[f.value, f.severity] | some f in _findings({"auth_clear": ["PLAIN", "LOGIN"]}, "on")} == {["PLAIN, LOGIN", "warning"]}
}

test_passes_with_auth if {
	every login in ["", "accepted"] {
		count(_findings({"login": login}, "on")) == 0
	}
}

test_passes_without_need if count(_findings({"auth": []}, "off")) == 0

test_passes_without_tls if count(_findings({"auth": [], "tls": ""}, "on")) == 0

test_passes_unasked if count(_findings({"done": false, "auth": [], "auth_clear": ["PLAIN"]}, "on")) == 0
