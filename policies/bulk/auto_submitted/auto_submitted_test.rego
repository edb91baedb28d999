package postern.rules.bulk.auto_submitted_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.auto_submitted

_findings(list, automation) := found if {
	found := auto_submitted.findings with input as bulkmail.message({
		"list": object.union({"unsubscribe_fields": 1}, list),
		"automation": automation,
	})
}

test_fails_with_nothing if {
	_findings({}, {}) == {{
		"message": "nothing in the header of bulk mail (List-Unsubscribe) holds off automatic answers",
	}}
}

test_passes_with_any_of_them if {
	count(_findings({}, {"auto_submitted": "auto-generated"})) == 0
	count(_findings({}, {"auto_response_suppress": true})) == 0
	count(_findings({"precedence": "bulk"}, {})) == 0
	count(_findings({"id_fields": 1}, {})) == 0
}

test_fails_with_an_unknown_value if {
	_findings({}, {"auto_submitted": "yes"}) == {{
		"message": `Auto-Submitted is "yes", which is none of no, auto-generated, auto-replied, auto-notified`,
		"value": "yes",
	}}
}

test_passes_with_a_letter if count(auto_submitted.findings) == 0 with input as bulkmail.message({})
