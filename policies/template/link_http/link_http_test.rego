package postern.rules.template.link_http_test

import data.postern.rules.template.link_http

_findings(origin, texts) := found if {
	found := link_http.findings with input as object.union({"origin": origin}, {"links": {"insecure": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["www.example.com"]) == {{
		"message": "a link to www.example.com is not encrypted (http:)",
		"value": "www.example.com",
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", ["www.example.com"])) == 0

test_passes_without if count(_findings("template", [])) == 0
