package postern.rules.template.preheader_test

import data.postern.rules.template.preheader

_findings(origin, chars) := found if {
	found := preheader.findings with input as {
		"origin": origin,
		"html": {"documents": [{"path": "1", "line": 7, "preheader": "View online", "preheader_chars": chars}]},
	}
}

test_passes_at_the_limit if count(_findings("template", 40)) == 0

test_fails_one_character_under if {
	_findings("template", 39) == {{
		"message": `the text that is shown beside the subject begins with "View online", 39 characters, fewer than 40`,
		"value": 39,
		"limit": 40,
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", 1)) == 0
