package postern.rules.sender.homograph_test

import data.postern.rules.sender.homograph

_address := {
	"field": "from", "domain": "example.com", "domain_unicode": "example.com", "lookalike_of": "",
	"mixed_script": false, "name_bidi": false, "display_name": "Alice", "line": 2,
}

_findings(field, change) := found if {
	lists := {"from": [], "sender": [], "reply_to": []}
	found := homograph.findings with input as {"sender": object.union(lists, {field: [object.union(_address, change)]})}
}

test_passes_with_ordinary_letters if count(_findings("from", {})) == 0

test_fails_with_mixed_letters_that_look_like_another if {
	some finding in _findings("from", {"domain_unicode": "p\u0430ypal.example", "lookalike_of": "paypal.example", "mixed_script": true})
	finding.severity == "error"
	finding.limit == "paypal.example"
	finding.line == 2
}

test_fails_softly_in_one_alphabet if {
	some finding in _findings("sender", {"lookalike_of": "aco.example"})
	finding.severity == "warning"
}

test_fails_softly_with_mixed_letters if {
	some finding in _findings("reply_to", {"mixed_script": true})
	finding.severity == "warning"
}

test_fails_softly_with_a_turned_name if {
	some finding in _findings("from", {"name_bidi": true})
	finding.severity == "warning"
}
