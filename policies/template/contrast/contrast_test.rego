package postern.rules.template.contrast_test

import data.postern.rules.template.contrast

_findings(origin, ratio, large) := found if {
	found := contrast.findings with input as {"origin": origin, "html": {"contrasts": [{
		"text": "Hello", "colour": "#777777", "ground": "#ffffff", "ratio": ratio, "large": large, "path": "1", "line": 7,
	}]}}
		with data.postern.limits.template.contrast as {"ratio": 4.5, "large_ratio": 3}
}

test_passes_at_the_limit if count(_findings("template", 450, false)) == 0

test_fails_below_it if {
	_findings("template", 449, false) == {{
		"message": "\"Hello\" is written in #777777 on #ffffff: a contrast of 4.49:1, under 4.5:1",
		"value": 4.49, "limit": 4.5, "path": "1", "line": 7,
	}}
}

test_passes_at_the_limit_of_large_text if count(_findings("template", 300, true)) == 0

test_fails_below_it_with_large_text if count(_findings("template", 299, true)) == 1

test_passes_in_a_message if count(_findings("message", 100, false)) == 0
