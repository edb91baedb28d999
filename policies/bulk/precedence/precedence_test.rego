package postern.rules.bulk.precedence_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.precedence

_findings(value) := found if {
	found := precedence.findings with input as bulkmail.message({"list": {
		"precedence": value, "unsubscribe_fields": 1,
	}})
}

test_fails_without_it if {
	_findings("") == {{
		"message": "bulk mail (List-Unsubscribe) has no Precedence of bulk or list",
		"value": "",
	}}
}

test_passes_with_it if count(_findings("bulk")) == 0

test_passes_with_a_letter if count(precedence.findings) == 0 with input as bulkmail.message({})
