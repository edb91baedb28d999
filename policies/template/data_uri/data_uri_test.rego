package postern.rules.template.data_uri_test

import data.postern.rules.template.data_uri

_findings(origin, texts) := found if {
	found := data_uri.findings with input as object.union({"origin": origin}, {"html": {"data_uris": {"count": count(texts), "sample": [{"text": text, "path": "1", "line": 7} | some text in texts]}}})
}

test_fails_in_a_template if {
	_findings("template", ["data:image/png;base64,AA"]) == {{
		"message": "Gmail and Outlook do not show what is inside the HTML: \"data:image/png;base64,AA\"",
		"value": "data:image/png;base64,AA",
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", ["data:image/png;base64,AA"])) == 0

test_passes_without if count(_findings("template", [])) == 0
