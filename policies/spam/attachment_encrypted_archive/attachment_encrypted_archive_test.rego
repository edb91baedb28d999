package postern.rules.spam.attachment_encrypted_archive_test

import data.postern.rules.spam.attachment_encrypted_archive

_findings(encrypted) := found if {
	found := attachment_encrypted_archive.findings with input as {"attachments": [{
		"filename": "papers.zip", "encrypted_zip": encrypted, "path": "0.2", "line": 8,
	}]}
}

test_fails_when_encrypted if {
	_findings(true) == {{
		"message": `attachment "papers.zip" is an encrypted archive`,
		"value": "papers.zip",
		"path": "0.2",
		"line": 8,
	}}
}

test_passes_otherwise if count(_findings(false)) == 0
