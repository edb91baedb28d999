package postern.rules.spam.text_html_differ_test

import data.postern.rules.spam.text_html_differ

_findings(differs) := found if {
	found := text_html_differ.findings with input as {"text": {
		"alternative_differs": differs, "plain_words": 10, "html_words": 200,
	}}
}

test_fails_when_they_differ if {
	_findings(true) == {{
		"message": "the text part (10 words) and the HTML part (200 words) of one alternative share few words",
	}}
}

test_passes_otherwise if count(_findings(false)) == 0
