package postern.rules.submission.dot_stuffing_test

import data.postern.rules.submission.dot_stuffing

_findings(lone_dot, line) := found if {
	found := dot_stuffing.findings with input as {"settings": [{
		"file": "php.ini", "line": 3,
		"lone_dot": lone_dot, "lone_dot_line": line,
	}]}
}

test_fails_when_a_dot_ends_the_message if {
	_findings("ends", 7) == {{
		"message": "sendmail is called without -i: a line with a single dot ends the message, and the rest is lost",
		"value": "ends",
		"limit": "kept",
		"file": "php.ini",
		"line": 7,
	}}
}

test_fails_where_the_setting_begins if {
	some finding in _findings("ends", 0)
	finding.line == 3
}

test_passes_when_it_is_kept if count(_findings("kept", 7)) == 0

test_passes_when_it_is_not_known if count(_findings("unknown", 0)) == 0
