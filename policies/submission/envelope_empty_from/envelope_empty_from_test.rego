package postern.rules.submission.envelope_empty_from_test

import data.postern.rules.submission.envelope_empty_from

_findings(null_envelope, report, auto) := found if {
	found := envelope_empty_from.findings with input as {
		"sender": {"null_envelope": null_envelope},
		"automation": {"delivery_report": report, "auto_submitted": auto},
	}
}

test_fails_with_the_null_sender if {
	count(_findings(true, false, "")) == 1
	count(_findings(true, false, "no")) == 1
}

test_passes_with_a_report if count(_findings(true, true, "")) == 0

test_passes_with_an_answer if count(_findings(true, false, "auto-replied")) == 0

test_passes_with_a_sender if count(_findings(false, false, "")) == 0
