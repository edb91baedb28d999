package postern.rules.size.encoding_wasteful_test

import data.postern.rules.size.encoding_wasteful

_findings(encoding, saved) := found if {
	found := encoding_wasteful.findings with input as {"attachments": [{
		"filename": "log.txt", "path": "0.2", "line": 20, "encoding": "base64", "wasteful": encoding, "saved_bytes": saved,
	}]}
}

test_passes_at_the_limit if count(_findings("quoted-printable", 1000)) == 0

test_fails_one_octet_over if {
	_findings("quoted-printable", 1001) == {{
		"message": `attachment "log.txt" is sent in base64, quoted-printable would save 1001 octets`,
		"value": 1001,
		"limit": 1000,
		"path": "0.2",
		"line": 20,
	}}
}

test_passes_when_the_encoding_is_right if count(_findings("", 0)) == 0
