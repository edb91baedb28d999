package postern.rules.template.css_unsupported_test

import data.postern.rules.template.css_unsupported

_findings(origin, name) := found if {
	found := css_unsupported.findings with input as {
		"origin": origin,
		"html": {"features": [{"text": name, "path": "1", "line": 7}]},
	}
		with data.postern.lists.template.css_unsupported as {
			"date": "2026-05-13",
			"features": {"position": "Gmail, Outlook (Windows)"},
		}
}

test_fails_with_the_date_of_the_data if {
	_findings("template", "position") == {{
		"message": "position is not supported by Gmail, Outlook (Windows) (caniemail data of 2026-05-13)",
		"value": "position",
		"path": "1",
		"line": 7,
	}}
}

test_passes_with_what_is_supported if count(_findings("template", "color")) == 0

test_passes_in_a_message if count(_findings("message", "position")) == 0
