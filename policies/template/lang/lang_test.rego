package postern.rules.template.lang_test

import data.postern.rules.template.lang

_document := {"path": "1", "line": 7, "page": true, "lang": ""}

_findings(origin, patch) := found if {
	found := lang.findings with input as {
		"origin": origin,
		"html": {"documents": [object.union(_document, patch)]},
	}
}

test_fails_without if {
	_findings("template", {}) == {{"message": "the html element states no language", "path": "1", "line": 7}}
}

test_passes_with if count(_findings("template", {"lang": "x"})) == 0

test_passes_with_a_fragment if count(_findings("template", {"page": false})) == 0

test_passes_in_a_message if count(_findings("message", {})) == 0
