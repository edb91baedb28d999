package postern.rules.size.attachment_cannot_fit_test

import data.postern.lib.base64
import data.postern.rules.size.attachment_cannot_fit

_findings(decoded, rest) := found if {
	found := attachment_cannot_fit.findings with input as {
		"size": {"data_bytes": base64.encoded(decoded) + rest},
		"attachments": [
			{
				"filename": "backup.zip", "path": "0.2", "line": 12,
				"decoded_bytes": decoded, "encoded_bytes": base64.encoded(decoded),
			},
			{"filename": "odd.bin", "path": "0.3", "line": 99, "decoded_bytes": null, "encoded_bytes": 10},
		],
	}
		with data.postern.server_size as 0
		with data.postern.provider as "pair"
}

test_passes_at_the_limit if count(_findings(30650682, 700)) == 0

test_fails_one_octet_over if {
	_findings(30650683, 673) == {{
		"message": concat("", [
			`attachment "backup.zip" has 30650683 octets, which base64 makes 41943044; `,
			"beside the rest of this message a file of 30650190 fits",
		]),
		"value": 30650683,
		"limit": 30650682,
		"path": "0.2",
		"line": 12,
	}}
}

# A text of that size fits in quoted-printable.
test_passes_when_the_message_itself_fits if {
	count(attachment_cannot_fit.findings) == 0 with input as {
		"size": {"data_bytes": 41000000},
		"attachments": [{
			"filename": "log.txt", "path": "0.2", "line": 1, "decoded_bytes": 40000000,
			"encoded_bytes": 40999000,
		}],
	}
		with data.postern.server_size as 0
		with data.postern.provider as "pair"
}
