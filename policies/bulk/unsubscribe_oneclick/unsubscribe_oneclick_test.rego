package postern.rules.bulk.unsubscribe_oneclick_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.unsubscribe_oneclick

_findings(post, exact) := found if {
	found := unsubscribe_oneclick.findings with input as bulkmail.message({"list": {
		"unsubscribe_fields": 1, "unsubscribe_post": post, "one_click": exact,
	}})
}

test_warns_without_the_field if {
	some finding in _findings("", false)
	startswith(finding.message, "bulk mail has List-Unsubscribe and no List-Unsubscribe-Post")
	not finding.severity
}

test_fails_with_another_value if {
	_findings("One-Click", false) == {{
		"message": `List-Unsubscribe-Post is "One-Click", only "List-Unsubscribe=One-Click" means anything`,
		"value": "One-Click",
		"limit": "List-Unsubscribe=One-Click",
		"severity": "error",
	}}
}

test_passes_with_the_value if count(_findings("List-Unsubscribe=One-Click", true)) == 0

test_passes_with_a_letter if count(unsubscribe_oneclick.findings) == 0 with input as bulkmail.message({})
