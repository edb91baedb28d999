package postern.rules.pair.attachment_large_test

import data.postern.rules.pair.attachment_large

_findings(bytes) := found if {
	found := attachment_large.findings with input as {"attachments": [
		{"filename": "small.txt", "encoded_bytes": 100, "path": "0.1", "line": 9},
		{"filename": "film.mp4", "encoded_bytes": bytes, "path": "0.2", "line": 20},
	]}
}

test_passes_at_the_limit if count(_findings(10000000)) == 0

test_fails_one_octet_over if {
	_findings(10000001) == {{
		"message": `attachment "film.mp4" takes 10000001 octets encoded, over 10000000`,
		"value": 10000001,
		"limit": 10000000,
		"path": "0.2",
		"line": 20,
	}}
}
