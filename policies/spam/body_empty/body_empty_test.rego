package postern.rules.spam.body_empty_test

import data.postern.rules.spam.body_empty

_empty := {
	"size": {"body_bytes": 2},
	"text": {"empty": true, "undecoded": 0, "truncated": false},
	"automation": {"delivery_report": false},
	"problems": [],
}

_findings(patch) := found if {
	found := body_empty.findings with input as object.union(_empty, patch)
}

test_fails_when_empty if {
	_findings({}) == {{
		"message": "no word, no image and no attachment in a body of 2 octets",
		"severity": "error",
	}}
}

test_warns_when_broken if {
	some finding in _findings({"problems": [{"id": "rfc.nul"}, {"id": "rfc.mime_boundary_missing"}]})
	finding.severity == "warning"
}

test_passes_with_something if count(_findings({"text": {"empty": false}})) == 0

test_passes_when_not_all_is_known if {
	count(_findings({"text": {"undecoded": 1}})) == 0
	count(_findings({"text": {"truncated": true}})) == 0
}

test_passes_with_a_report if count(_findings({"automation": {"delivery_report": true}})) == 0
