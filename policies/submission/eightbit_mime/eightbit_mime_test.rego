package postern.rules.submission.eightbit_mime_test

import data.postern.rules.submission.eightbit_mime

_findings(eight_bit, encoding, children) := found if {
	found := eightbit_mime.findings with input as {
		"lines": {"body_eight_bit": eight_bit},
		"parts": [{"path": "1", "line": 9, "encoding": encoding, "children": children}],
	}
}

test_fails_with_one_octet if {
	_findings(1, "8bit", 0) == {{
		"message": "part 1 holds 8-bit text that is declared as 8bit",
		"value": "8bit",
		"path": "1",
		"line": 9,
	}}
}

test_passes_without_one if count(_findings(0, "8bit", 0)) == 0

test_passes_when_encoded if count(_findings(1, "quoted-printable", 0)) == 0

test_passes_at_the_multipart if count(_findings(1, "8bit", 2)) == 0
