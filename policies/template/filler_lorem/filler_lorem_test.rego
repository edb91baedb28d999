package postern.rules.template.filler_lorem_test

import data.postern.rules.template.filler_lorem

_findings(origin, texts) := found if {
	found := filler_lorem.findings with input as object.union({"origin": origin}, {"leftovers": {"filler": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["Lorem ipsum dolor"]) == {{
		"message": "filler text was not replaced: \"Lorem ipsum dolor\"",
		"value": "Lorem ipsum dolor",
		"path": "1",
		"line": 7,
		"severity": "error",
	}}
}

test_warns_in_a_message if {
	some finding in _findings("message", ["Lorem ipsum dolor"])
	finding.severity == "warning"
}

test_passes_without if count(_findings("template", [])) == 0
