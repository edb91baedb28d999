package postern.rules.bulk.use_pairlist_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.use_pairlist

_findings(patch, provider) := found if {
	found := use_pairlist.findings with input as bulkmail.message(patch)
		with data.postern.provider as provider
}

test_fails_with_a_mailing if {
	_findings({"list": {"precedence": "bulk"}}, "pair") == {{
		"message": "bulk mail (Precedence: bulk) goes through the mail server",
	}}
}

test_passes_with_another_provider if count(_findings({"list": {"precedence": "bulk"}}, "none")) == 0

test_passes_with_a_letter if count(_findings({}, "pair")) == 0

_campaign := {"history": {"windows": [{"seconds": 86400, "similar": {"messages": 60, "addresses": 60, "later": []}}]}}

test_fails_with_a_mailing_of_single_messages if {
	_findings(_campaign, "pair") == {{
		"message": "a mailing of 60 single messages goes through the mail server",
	}}
	_findings(_campaign, "none") == set()
}
