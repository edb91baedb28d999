package postern.rules.sender.alignment_test

import data.postern.rules.sender.alignment

_findings(envelope, from, dkim) := found if {
	found := alignment.findings with input as {
		"sender": {"envelope": envelope, "from": [{"registrable_domain": from, "line": 1}]},
		"authentication": {"dkim_domains": dkim},
	}
}

test_fails_with_different_domains if {
	_findings({"registrable_domain": "example.net"}, "example.com", ["example.net"]) == {{
		"message": concat("", [
			`the envelope sender is under "example.net" and From under "example.com", `,
			"and no DKIM signature is of From's domain",
		]),
		"value": "example.net",
		"limit": "example.com",
		"line": 1,
	}}
}

test_passes_with_one_domain if count(_findings({"registrable_domain": "example.com"}, "example.com", [])) == 0

test_passes_with_a_signature if {
	count(_findings({"registrable_domain": "example.net"}, "example.com", ["mail.example.com"])) == 0
}

test_passes_without_envelope if count(_findings(null, "example.com", [])) == 0

test_passes_without_registrable_domain if count(_findings({"registrable_domain": "example.net"}, "", [])) == 0
