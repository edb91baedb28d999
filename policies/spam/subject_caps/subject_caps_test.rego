package postern.rules.spam.subject_caps_test

import data.postern.rules.spam.subject_caps

_findings(letters, capitals) := found if {
	found := subject_caps.findings with input as {"header": {"subject": {
		"letters": letters, "capitals": capitals,
	}}}
}

test_passes_at_the_limit if count(_findings(20, 18)) == 0

test_fails_one_over if {
	_findings(20, 19) == {{
		"message": "19 of 20 letters of the subject are capitals, over 90 %",
		"value": 19,
		"limit": 18,
	}}
}

test_fails_at_the_shortest if count(_findings(10, 10)) == 1

test_passes_when_short if count(_findings(9, 9)) == 0
