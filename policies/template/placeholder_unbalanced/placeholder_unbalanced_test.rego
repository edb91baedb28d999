package postern.rules.template.placeholder_unbalanced_test

import data.postern.rules.template.placeholder_unbalanced

_findings(origin, texts) := found if {
	found := placeholder_unbalanced.findings with input as object.union({"origin": origin}, {"leftovers": {"unbalanced": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["{{ name"]) == {{
		"message": "a placeholder is opened or closed only: \"{{ name\"",
		"value": "{{ name",
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", ["{{ name"])) == 0

test_passes_without if count(_findings("template", [])) == 0
