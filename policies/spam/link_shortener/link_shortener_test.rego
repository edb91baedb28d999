package postern.rules.spam.link_shortener_test

import data.postern.rules.spam.link_shortener

_findings(hosts) := found if {
	found := link_shortener.findings with input as {"links": {"hosts": hosts}}
}

test_fails_with_a_shortener if {
	_findings(["bit.ly", "www.example.com"]) == {{
		"message": "a link leads through the URL shortener bit.ly",
		"value": "bit.ly",
	}}
	count(_findings(["www.tinyurl.com"])) == 1
}

test_passes_without if count(_findings(["example.com", "rabbit.ly.example.com"])) == 0
