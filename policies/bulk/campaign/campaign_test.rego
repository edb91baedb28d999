package postern.rules.bulk.campaign_test

import data.postern.rules.bulk.campaign

_findings(addresses, automation) := found if {
	found := campaign.findings with input as {
		"automation": object.union({"delivery_report": false, "auto_submitted": ""}, automation),
		"history": {"windows": [{"seconds": 86400, "similar": {"messages": 51, "addresses": addresses, "later": []}}]},
	}
}

test_passes_at_the_limit if count(_findings(50, {})) == 0

test_fails_one_over if {
	_findings(51, {}) == {{
		"message": "51 messages with nearly this text have gone to 51 addresses within 24 hours, 50 is the most",
		"value": 51,
		"limit": 50,
	}}
}

test_passes_automatic_replies if {
	count(_findings(51, {"auto_submitted": "auto-replied"})) == 0
	count(_findings(51, {"delivery_report": true})) == 0
}
