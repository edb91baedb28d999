package postern.rules.spam.link_homograph_test

import data.postern.rules.spam.link_homograph

_findings(patch) := found if {
	found := link_homograph.findings with input as {"links": {"items": [object.union(
		{
			"host": "xn--exmple-4nf.com", "lookalike_of": "", "mixed_script": false, "zero_width": false, "path": "0.1",
			"line": 9,
		},
		patch,
	)]}}
}

test_fails_with_mixed_letters_that_look_like_another_name if {
	_findings({"lookalike_of": "example.com", "mixed_script": true}) == {{
		"message": `a link leads to "xn--exmple-4nf.com", which looks like "example.com"`,
		"value": "xn--exmple-4nf.com",
		"limit": "example.com",
		"path": "0.1",
		"line": 9,
		"severity": "error",
	}}
}

test_warns_with_letters_of_one_alphabet if {
	some finding in _findings({"lookalike_of": "example.com"})
	finding.severity == "warning"
}

test_warns_with_mixed_letters if {
	some finding in _findings({"mixed_script": true})
	finding.severity == "warning"
}

test_fails_with_invisible_characters if {
	some finding in _findings({"zero_width": true})
	not finding.severity
}

test_passes_with_an_ordinary_host if count(_findings({})) == 0
