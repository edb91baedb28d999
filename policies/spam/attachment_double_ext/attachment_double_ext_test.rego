package postern.rules.spam.attachment_double_ext_test

import data.postern.rules.spam.attachment_double_ext

_findings(extension, double) := found if {
	found := _among("attachments", {
		"filename": concat("", ["invoice.pdf.", extension]), "extension": extension, "double_extension": double, "path": "0.2", "line": 8,
	})
}

_among(list, file) := found if {
	held := {"attachments": [], "embedded_attachments": [], "archived_files": [], "files": []}
	input_with := object.union(held, {list: [file]})
	found := attachment_double_ext.findings with input as object.union(input_with, {"text": {"files": input_with.files}})
}

test_fails_with_a_disguise if {
	_findings("exe", true) == {{
		"message": `attachment "invoice.pdf.exe" hides its type .exe behind another one`,
		"value": "invoice.pdf.exe",
		"path": "0.2",
		"line": 8,
	}}
}

test_fails_wherever_the_file_is if {
	file := {"filename": "a.pdf.exe", "extension": "exe", "double_extension": true, "path": "0.2", "line": 8}
	every list in ["attachments", "embedded_attachments", "archived_files", "files"] { count(_among(list, file)) == 1 }
}

test_passes_without if count(_findings("exe", false)) == 0

test_passes_with_an_archive if count(_findings("zip", true)) == 0
