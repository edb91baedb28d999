package postern.rules.template.filler_todo_test

import data.postern.rules.template.filler_todo

_findings(origin, texts) := found if {
	found := filler_todo.findings with input as object.union({"origin": origin}, {"leftovers": {"todo": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["TODO: price"]) == {{
		"message": "a note of the author is left in the text: \"TODO: price\"",
		"value": "TODO: price",
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", ["TODO: price"])) == 0

test_passes_without if count(_findings("template", [])) == 0
