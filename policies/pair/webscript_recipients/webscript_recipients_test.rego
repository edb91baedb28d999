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

test_envelope_counts_when_it_is_known if {
	_enveloped(5, 6) == set()
	some finding in _enveloped(6, 5)
	finding.value == 6
}

_enveloped(envelope, named) := found if {
	found := webscript_recipients.findings with input as {
		"header": {"php_script": true},
		"recipients": {"unique": named, "envelope_unique": envelope, "envelope_known": true, "uncertain": false},
	}
}
