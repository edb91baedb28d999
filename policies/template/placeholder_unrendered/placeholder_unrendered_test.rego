package postern.rules.template.placeholder_unrendered_test

import data.postern.rules.template.placeholder_unrendered

_findings(origin, syntax) := found if {
	found := placeholder_unrendered.findings with input as {
		"origin": origin,
		"text": {"placeholders": [{"text": "{{name}}", "syntax": syntax, "place": "html", "path": "1", "line": 7}]},
	}
}

test_fails_in_a_template if {
	_findings("template", "mustache") == {{
		"message": `the placeholder "{{name}}" (mustache) in the html was not replaced`,
		"value": "{{name}}",
		"path": "1",
		"line": 7,
		"severity": "error",
	}}
}

test_warns_in_a_message if {
	some finding in _findings("message", "mustache")
	finding.severity == "warning"
}

test_passes_with_a_literal_of_a_program if count(_findings("template", "half_rendered")) == 0

test_passes_without if {
	count(placeholder_unrendered.findings) == 0 with input as {"origin": "template", "text": {"placeholders": []}}
}
