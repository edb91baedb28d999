package postern.rules.template.merge_empty_greeting_test

import data.postern.rules.template.merge_empty_greeting

_findings(origin, texts) := found if {
	found := merge_empty_greeting.findings with input as object.union({"origin": origin}, {"leftovers": {"greetings": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["Hello ,"]) == {{
		"message": "the greeting \"Hello ,\" has no name",
		"value": "Hello ,",
		"path": "1",
		"line": 7,
		"severity": "error",
	}}
}

test_warns_in_a_message if {
	some finding in _findings("message", ["Hello ,"])
	finding.severity == "warning"
}

test_passes_without if count(_findings("template", [])) == 0
