package postern.rules.spam.link_credentials_test

import data.postern.rules.spam.link_credentials

_findings(scheme, text, credentials) := found if {
	found := link_credentials.findings with input as {"links": {"items": [{
		"host": "host.example.net", "scheme": scheme, "text": text, "credentials": credentials, "path": "0", "line": 1,
	}]}}
}

test_fails_with_a_user_name if {
	_findings("https", "our page", true) == {{
		"message": `a link to "host.example.net" has a user name before the host`,
		"value": "host.example.net",
		"path": "0",
		"line": 1,
		"severity": "error",
	}}
}

test_warns_with_another_protocol if {
	some finding in _findings("ftp", "our page", true)
	finding.severity == "warning"
}

test_passes_without if count(_findings("https", "our page", false)) == 0

test_warns_in_plain_text if {
	some finding in _findings("https", "", true)
	finding.severity == "warning"
}
