package postern.rules.template.link_example_test

import data.postern.rules.template.link_example

_link(host, text) := {"host": host, "text": text, "path": "1", "line": 7}

_findings(patch) := found if {
	found := link_example.findings with input as object.union({"origin": "template", "opaque": false, "links": {"items": [], "resources": []}}, patch)
		with data.postern.account as null
}

test_fails_in_a_template if {
	_findings({"opaque": true, "links": {"items": [_link("www.example.com", "")]}}) == {{
		"message": "a link leads to www.example.com, a name for examples",
		"value": "www.example.com",
		"path": "1",
		"line": 7,
		"severity": "error",
	}}
}

test_warns_with_what_may_be_sample_data if {
	some finding in _findings({"links": {"resources": [{"text": "cdn.test", "path": "1", "line": 8}]}})
	finding.message == "an image or another resource is loaded from cdn.test, a name for examples"
	finding.severity == "warning"
}

test_warns_in_a_message if {
	some finding in _findings({"origin": "message", "links": {"items": [_link("example.org", "here")]}})
	finding.severity == "warning"
}

test_passes_in_plain_text_of_a_message if count(_findings({"origin": "message", "links": {"items": [_link("example.org", "")]}})) == 0

test_passes_with_other_hosts if {
	items := [_link("shop.de", "x"), _link("", "x"), _link("a.localhost", "x")]
	count(_findings({"links": {"items": items, "resources": [{"text": "x.localhost", "path": "1", "line": 1}]}})) == 0
}
