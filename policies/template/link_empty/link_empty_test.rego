package postern.rules.template.link_empty_test

import data.postern.rules.template.link_empty

_findings(origin, texts) := found if {
	found := link_empty.findings with input as object.union({"origin": origin}, {"links": {"empty": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["Your order"]) == {{
		"message": "the link \"Your order\" leads nowhere",
		"value": "Your order",
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", ["Your order"])) == 0

test_passes_without if count(_findings("template", [])) == 0
