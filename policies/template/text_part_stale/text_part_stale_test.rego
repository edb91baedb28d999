package postern.rules.template.text_part_stale_test

import data.postern.rules.template.text_part_stale

_findings(origin, plain) := found if {
	found := text_part_stale.findings with input as {
		"origin": origin,
		"text": {"plain_words": plain, "html_words": 30},
		"leftovers": {"stub": {"count": 1, "sample": [{"text": "view in browser", "path": "1", "line": 7}]}},
	}
}

test_passes_at_the_ratio if count(_findings("template", 15)) == 0

test_fails_one_word_under if {
	_findings("template", 14) == {{
		"message": `the plain text of 14 words points to the HTML of 30: "view in browser"`,
		"value": 14,
		"path": "1",
		"line": 7,
	}}
}

test_passes_in_a_message if count(_findings("message", 1)) == 0
