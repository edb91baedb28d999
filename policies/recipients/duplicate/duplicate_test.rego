package postern.rules.recipients.duplicate_test

import data.postern.rules.recipients.duplicate

_findings(number, sample) := found if {
	found := duplicate.findings with input as {"recipients": {
		"duplicates": number, "duplicate_sample": sample,
	}}
}

test_passes_with_none if count(_findings(0, [])) == 0

test_fails_with_one if {
	_findings(1, ["bob@example.com"]) == {{
		"message": `addresses named more than once, copies 1: "bob@example.com"`,
		"value": 1,
		"limit": 0,
	}}
}
