package postern.rules.spam.text_hidden_test

import data.postern.rules.spam.text_hidden

_findings(runs) := found if {
	found := text_hidden.findings with input as {"text": {"hidden_text": runs, "hidden_sample": "cheap pills"}}
}

test_passes_at_the_limit if count(_findings(0)) == 0

test_fails_one_over if {
	_findings(1) == {{
		"message": `runs of text hidden by styles: 1, more than 0, such as "cheap pills"`,
		"value": 1,
		"limit": 0,
	}}
}
