package postern.rules.spam.attachment_encrypted_archive_test

import data.postern.rules.spam.attachment_encrypted_archive

_findings(encrypted, filename, extension) := found if {
	found := attachment_encrypted_archive.findings with input as {"archived_files": [{
		"container": "papers.zip", "filename": filename, "extension": extension, "encrypted": encrypted, "embedded": false,
		"path": "0.2", "line": 8,
	}]}
}

test_warns_when_encrypted if {
	_findings(true, "a.pdf", "pdf") == {{
		"message": `attachment "papers.zip" is an encrypted archive`,
		"value": "papers.zip",
		"path": "0.2",
		"line": 8,
	}}
}

test_fails_when_an_encrypted_archive_holds_another if {
	some finding in _findings(true, "b.zip", "zip")
	finding.severity == "error"
	finding.message == `attachment "papers.zip" is an encrypted archive and holds another one, "b.zip", which Gmail refuses`
}

test_passes_otherwise if count(_findings(false, "b.zip", "zip")) == 0
