package postern.rules.submission.probe_size_test

import data.postern.rules.submission.probe_size

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

_findings(size, server_size, provider) := found if {
	found := probe_size.findings with input as {"settings": [_setting({"size": size})]}
		with data.postern.server_size as server_size
		with data.postern.provider as provider
		with data.postern.limits.pair.size_limit.largest_bytes as 1000
}

test_fails_one_below if {
	_findings(999, 0, "pair") == {{
		"message": `"alice.mail.pairserver.com" takes messages of up to 999 octets, the rules pass up to 1000`,
		"value": 999,
		"limit": 1000,
		"file": "postern.yaml",
		"line": 3,
	}}
}

test_fails_below_what_postern_yaml_says if count(_findings(1999, 2000, "pair")) == 1

test_passes_at_the_limit if {
	count(_findings(1000, 0, "pair")) == 0
	count(_findings(2000, 2000, "none")) == 0
}

test_fails_above_as_info if {
	{f.severity | some f in _findings(1001, 0, "pair")} == {"info"}
}

test_fails_unknown_as_info if {
	{f.severity | some f in _findings(1001, 0, "none")} == {"info"}
}

test_passes_without_size if count(_findings(0, 0, "pair")) == 0
