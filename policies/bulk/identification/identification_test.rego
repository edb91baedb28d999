package postern.rules.bulk.identification_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.identification

_findings(name, precedence) := found if {
	found := identification.findings with input as bulkmail.message({
		"list": {"precedence": precedence},
		"sender": {"from": [{
			"display_name": name, "address": "news@example.com", "registrable_domain": "example.com", "line": 2,
		}]},
	})
}

test_fails_without_name if {
	_findings(" ", "bulk") == {{
		"message": `From of bulk mail (Precedence: bulk) is "news@example.com" without a name`,
		"value": "news@example.com",
		"line": 2,
	}}
}

test_passes_with_a_name if count(_findings("Example Shop", "bulk")) == 0

test_passes_with_a_letter if count(_findings("", "")) == 0
