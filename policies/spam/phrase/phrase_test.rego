package postern.rules.spam.phrase_test

import data.postern.rules.spam.phrase

_findings(phrases) := found if {
	found := phrase.findings with input as {"text": {"phrases": phrases}}
}

test_fails_with_phrases if {
	_findings(["dear_friend", "money_back"]) == {{
		"message": "stock phrases of unwanted mail (2): dear_friend, money_back",
		"value": 2,
		"limit": 0,
	}}
}

test_passes_without if count(_findings([])) == 0
