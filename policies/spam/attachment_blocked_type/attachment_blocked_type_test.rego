package postern.rules.spam.attachment_blocked_type_test

import data.postern.rules.spam.attachment_blocked_type

_attachment(extension) := {
	"filename": concat(".", ["file", extension]), "extension": extension, "path": "0.2", "line": 15,
}

_findings(extension, embedded) := found if {
	found := attachment_blocked_type.findings with input as {
		"attachments": [_attachment(extension)],
		"embedded_attachments": [_attachment(embedded)],
	}
}

test_fails_with_a_program if {
	_findings("exe", "txt") == {{
		"message": `attachment "file.exe" is of type .exe, which Gmail blocks`,
		"value": "exe",
		"path": "0.2",
		"line": 15,
		"severity": "error",
	}}
}

test_warns_with_what_outlook_blocks if {
	some finding in _findings("reg", "txt")
	finding.severity == "warning"
	contains(finding.message, "Outlook")
}

test_warns_with_a_program_in_a_forwarded_message if {
	some finding in _findings("pdf", "exe")
	finding.severity == "warning"
}

test_passes_with_a_document if count(_findings("pdf", "docx")) == 0
