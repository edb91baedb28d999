package postern.rules.bulk.unsubscribe_https_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.unsubscribe_https

_findings(patch) := found if {
	found := unsubscribe_https.findings with input as bulkmail.message({"list": object.union(
		{"unsubscribe_fields": 1},
		patch,
	)})
}

_one_click := "List-Unsubscribe=One-Click"

test_fails_with_a_promise_that_cannot_be_kept if {
	_findings({"unsubscribe_post": _one_click}) == {{
		"message": "List-Unsubscribe-Post promises one click, and List-Unsubscribe has no https address",
		"severity": "error",
	}}
}

test_warns_with_http if {
	some finding in _findings({"unsubscribe_http": true})
	finding.severity == "warning"
}

test_passes_with_https if count(_findings({"unsubscribe_post": _one_click, "unsubscribe_https": true})) == 0

test_passes_with_http_and_https if count(_findings({"unsubscribe_http": true, "unsubscribe_https": true})) == 0

test_passes_with_mailto_only if count(_findings({"unsubscribe_mailto": true})) == 0
