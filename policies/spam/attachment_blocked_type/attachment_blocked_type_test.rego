package postern.rules.spam.attachment_blocked_type_test

import data.postern.rules.spam.attachment_blocked_type

_file(extension) := {
	"container": "papers.zip", "filename": concat(".", ["file", extension]), "extension": extension, "path": "0.2", "line": 15,
}

_nothing := {"attachments": [], "embedded_attachments": [], "archived_files": [], "text": {"files": []}}

_findings(held) := found if {
	found := attachment_blocked_type.findings with input as object.union(_nothing, held)
}

test_fails_with_a_program if {
	_findings({"attachments": [_file("exe")]}) == {{
		"message": `attachment "file.exe" is of type .exe, which Gmail blocks`,
		"value": "exe",
		"path": "0.2",
		"line": 15,
		"severity": "error",
	}}
}

test_warns_with_what_outlook_blocks if {
	some finding in _findings({"attachments": [_file("reg")]})
	finding.severity == "warning"
	contains(finding.message, "Outlook")
}

test_fails_with_a_program_in_a_forwarded_message if {
	some finding in _findings({"embedded_attachments": [_file("exe")]})
	finding.severity == "error"
	finding.message == `attachment of a forwarded message "file.exe" is of type .exe, which Gmail blocks`
}

test_warns_with_what_outlook_blocks_in_a_forwarded_message if {
	some finding in _findings({"embedded_attachments": [_file("reg")]})
	finding.severity == "warning"
}

test_fails_with_a_program_in_an_archive if {
	some finding in _findings({"archived_files": [_file("exe")]})
	finding.severity == "error"
	finding.message == `archive "papers.zip" holds "file.exe", a file of type .exe, which Gmail blocks`
}

test_outlook_does_not_look_into_archives if count(_findings({"archived_files": [_file("reg")]})) == 0

test_warns_of_an_archive_in_an_archive if {
	some finding in _findings({"archived_files": [object.union(_file("zip"), {"encrypted": false})]})
	finding.severity == "warning"
	contains(finding.message, "holds another archive")
}

test_fails_with_a_program_in_the_text if {
	some finding in _findings({"text": {"files": [_file("exe")]}})
	finding.severity == "error"
	finding.message == `encoded file in the text "file.exe" is of type .exe, which Gmail blocks`
}

test_warns_with_what_outlook_blocks_in_the_text if {
	some finding in _findings({"text": {"files": [_file("reg")]}})
	finding.severity == "warning"
}

test_passes_with_a_document if {
	count(_findings({
		"attachments": [_file("pdf")], "embedded_attachments": [_file("docx")], "archived_files": [_file("txt")],
		"text": {"files": [_file("jpg")]},
	})) == 0
}
