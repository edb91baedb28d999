package postern.rules.template.placeholder_undeclared_test

import data.postern.rules.template.placeholder_undeclared

_findings(undeclared) := found if {
	found := placeholder_undeclared.findings with input as {"variables": [{
		"name": "user.nmae", "file": "a.html", "line": 7, "undeclared": undeclared,
		"default": false, "guarded": false, "has_default": true,
	}]}
}

test_fails_without_a_sample_that_has_it if {
	_findings(true) == {{"message": "no sample data has \"user.nmae\"", "value": "user.nmae", "file": "a.html", "line": 7}}
}

test_passes_with_one if count(_findings(false)) == 0
