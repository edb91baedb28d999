package postern.rules.spam.attachment_double_ext_test

import data.postern.rules.spam.attachment_double_ext

_findings(extension, double) := found if {
	found := attachment_double_ext.findings with input as {"attachments": [{
		"filename": concat("", ["invoice.pdf.", extension]), "extension": extension, "double_extension": double, "path": "0.2", "line": 8,
	}]}
}

test_fails_with_a_disguise if {
	_findings("exe", true) == {{
		"message": `attachment "invoice.pdf.exe" hides its type .exe behind another one`,
		"value": "invoice.pdf.exe",
		"path": "0.2",
		"line": 8,
	}}
}

test_passes_without if count(_findings("exe", false)) == 0

test_passes_with_an_archive if count(_findings("zip", true)) == 0
