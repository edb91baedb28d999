package postern.rules.pair.webscript_recipients_test

import data.postern.rules.pair.webscript_recipients

_findings(script, number) := found if {
	found := webscript_recipients.findings with input as {
		"header": {"php_script": script},
		"recipients": {"unique": number, "uncertain": false},
	}
}

test_passes_at_the_limit if count(_findings(true, 5)) == 0

test_fails_one_over if {
	_findings(true, 6) == {{
		"message": "a web script writes to 6 recipients, 5 is the most",
		"value": 6,
		"limit": 5,
	}}
}

test_passes_without_script if count(_findings(false, 6)) == 0
