package postern.rules.spam.body_empty_test

import data.postern.rules.spam.body_empty

_findings(empty, undecoded, truncated, report) := found if {
	found := body_empty.findings with input as {
		"size": {"body_bytes": 2},
		"text": {"empty": empty, "undecoded": undecoded, "truncated": truncated},
		"automation": {"delivery_report": report},
	}
}

test_fails_when_empty if {
	_findings(true, 0, false, false) == {{
		"message": "no word, no image and no attachment in a body of 2 octets",
	}}
}

test_passes_with_something if count(_findings(false, 0, false, false)) == 0

test_passes_when_not_all_is_known if {
	count(_findings(true, 1, false, false)) == 0
	count(_findings(true, 0, true, false)) == 0
}

test_passes_with_a_report if count(_findings(true, 0, false, true)) == 0
