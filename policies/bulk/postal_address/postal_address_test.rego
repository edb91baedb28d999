package postern.rules.bulk.postal_address_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.postal_address

_findings(text) := found if {
	found := postal_address.findings with input as bulkmail.message({
		"list": {"precedence": "bulk"},
		"text": text,
	})
}

test_fails_without_one if {
	_findings({}) == {{
		"message": "the text of bulk mail (Precedence: bulk) holds nothing that reads as a postal address",
	}}
}

test_passes_with_one if count(_findings({"postal_address": true})) == 0

test_passes_when_the_text_was_not_all_read if count(_findings({"truncated": true})) == 0

test_passes_with_a_letter if count(postal_address.findings) == 0 with input as bulkmail.message({})
