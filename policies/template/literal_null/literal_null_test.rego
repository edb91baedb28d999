package postern.rules.template.literal_null_test

import data.postern.rules.template.literal_null

_spot(text) := {"text": text, "path": "1", "line": 7}

_findings(origin, literals, placeholders) := found if {
	found := literal_null.findings with input as {
		"origin": origin,
		"leftovers": {"literals": {"count": count(literals), "sample": literals}},
		"text": {"placeholders": placeholders},
	}
}

test_fails_in_a_template if {
	_findings("template", [_spot("$NaN")], []) == {{
		"message": `the program that made the message had no value here: "$NaN"`,
		"value": "$NaN",
		"path": "1",
		"line": 7,
		"severity": "error",
	}}
}

test_fails_with_half_a_placeholder if {
	half := object.union(_spot("Dear null,"), {"syntax": "half_rendered", "place": "text"})
	count(_findings("template", [], [half, object.union(half, {"syntax": "mustache"})])) == 1
}

test_warns_in_a_message if {
	some finding in _findings("message", [_spot("Invalid Date")], [])
	finding.severity == "warning"
}

test_passes_without if count(_findings("template", [], [])) == 0
