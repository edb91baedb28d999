package postern.rules.recipients.sorted_test

import data.postern.rules.recipients.sorted

test_fails_when_sorted if {
	sorted.findings == {{
		"message": "all 6 recipients in To and Cc are in alphabetical order",
		"value": 6,
	}} with input as {"recipients": {"sorted": true, "visible": 6}}
}

test_passes_otherwise if count(sorted.findings) == 0 with input as {"recipients": {"sorted": false, "visible": 6}}
