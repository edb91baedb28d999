package postern.rules.pair.webscript_recipients_test

import data.postern.rules.pair.webscript_recipients

_findings(script, number) := found if {
	found := webscript_recipients.findings with input as {
		"web_script": script,
		"history": null,
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
		"web_script": true,
		"history": null,
		"recipients": {"unique": named, "envelope_unique": envelope, "envelope_known": true, "uncertain": false},
	}
}

_sent(script, addresses, receiving) := found if {
	found := webscript_recipients.findings with input as {
		"web_script": script,
		"recipients": {"unique": receiving, "uncertain": false},
		"history": {"windows": [{"seconds": 60, "web_scripts": {
			"messages": 3, "addresses": addresses, "later": [{"seconds": 40, "addresses": 5}],
		}}]},
	}
}

test_passes_at_the_limit_one_by_one if count(_sent(true, 5, 1)) == 0

test_fails_one_over_one_by_one if {
	_sent(true, 6, 1) == {{
		"message": "web scripts wrote to 6 recipients in 3 messages within 60 seconds, 5 is the most",
		"value": 6,
		"limit": 5,
		"temporary": true,
		"retry_seconds": 40,
		"remedy": concat(" ", [
			"It can go in 40 seconds, if nothing else is sent before.",
			"A script that tells many people of something is better off with a pairList.",
		]),
	}}
}

test_passes_one_by_one_without_script if count(_sent(false, 6, 1)) == 0

test_fails_by_itself_whatever_was_sent if {
	some finding in _sent(true, 9, 6)
	finding.value == 6
	count(_sent(true, 9, 6)) == 1
}
