package postern.rules.sender.noreply_test

import data.postern.rules.sender.noreply

_address(local) := {"local": local, "address": concat("@", [local, "example.com"]), "line": 1}

_findings(from, reply) := found if {
	found := noreply.findings with input as {"sender": {
		"from": [_address(from)], "reply_to": [_address(local) | some local in reply],
	}}
}

test_fails_in_each_spelling if {
	every local in ["noreply", "No-Reply", "do_not.reply", "no-reply+abc123"] {
		count(_findings(local, [])) == 1
	}
}

test_says_the_address if {
	_findings("no-reply", []) == {{
		"message": `From is "no-reply@example.com", and no Reply-To names an address that is read`,
		"value": "no-reply@example.com",
		"line": 1,
	}}
}

test_fails_with_a_reply_to_like_it if count(_findings("noreply", ["noreply"])) == 1

test_passes_with_a_reply_to if count(_findings("noreply", ["alice"])) == 0

test_passes_with_a_person if count(_findings("alice", [])) == 0
