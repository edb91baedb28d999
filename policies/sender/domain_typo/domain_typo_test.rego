package postern.rules.sender.domain_typo_test

import data.postern.rules.sender.domain_typo

_findings(domain, owner) := found if {
	found := domain_typo.findings with input as {"sender": {
		"from": [{"address": concat("@", ["bob", domain]), "domain": domain, "line": 1}], "reply_to": [],
	}}
		with data.postern.account as owner
}

test_fails_one_letter_away if {
	_findings("gmial.com", null) == {{
		"message": `"bob@gmial.com" is one letter away from gmail.com`,
		"value": "gmial.com",
		"limit": "gmail.com",
		"line": 1,
	}}
}

test_fails_one_letter_away_from_the_accounts_domain if {
	count(_findings("exmaple.com", {"domains": ["example.com"]})) == 1
}

test_passes_two_letters_away if count(_findings("gmxil.co", null)) == 0

test_passes_with_the_domain_itself if count(_findings("gmail.com", null)) == 0

test_passes_with_a_real_neighbour if count(_findings("mail.com", null)) == 0

test_passes_with_a_neighbour_that_is_the_accounts if count(_findings("gmaill.com", {"domains": ["gmaill.com"]})) == 0

test_passes_with_a_name_that_resembles_none if count(_findings("example.net", null)) == 0

test_fails_at_either_end if {
	every name in ["hmail.com", "gmail.con", "gmail.co", "outlok.com", "yaho.com", "protonmial.com"] {
		count(_findings(name, null)) == 1
	}
}

test_passes_with_a_short_name if count(_findings("a.com", null)) == 0

test_starts_and_ends_hold_the_same_names if {
	lists := data.postern.lists.sender.domain_typo
	{name | some name in lists.starts[_]} == {name | some name in lists.ends[_]}
	every start, names in lists.starts {
		every name in names {
			startswith(name, start)
			name in lists.ends[substring(name, count(name) - 5, -1)]
		}
	}
}
