package postern.rules.spam.subject_url_test

import data.postern.rules.spam.subject_url

_findings(url) := found if {
	found := subject_url.findings with input as {"header": {"subject": {"text": "See www.example.com", "url": url}}}
}

test_fails_with_a_link if {
	_findings(true) == {{
		"message": `the subject "See www.example.com" holds an address of the web`,
		"value": "See www.example.com",
	}}
}

test_passes_without if count(_findings(false)) == 0
