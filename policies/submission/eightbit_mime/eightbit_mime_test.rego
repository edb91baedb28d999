package postern.rules.submission.eightbit_mime_test

import data.postern.rules.submission.eightbit_mime

_findings(eight_bit, problem) := found if {
	found := eightbit_mime.findings with input as {
		"lines": {"body_eight_bit": eight_bit},
		"problems": [{"id": problem}],
	}
}

test_fails_with_one_octet if {
	_findings(1, "rfc.nul") == {{
		"message": "the text holds octets above 127 that are declared as 8bit, 1 of them",
		"value": 1,
	}}
}

test_passes_without_one if count(_findings(0, "rfc.nul")) == 0

test_passes_when_not_declared if count(_findings(1, "rfc.cte_8bit")) == 0
