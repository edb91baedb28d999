package postern.rules.bulk.dkim_covers_list_headers_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.dkim_covers_list_headers

_findings(signatures, covers, post) := found if {
	found := dkim_covers_list_headers.findings with input as bulkmail.message({
		"list": {"unsubscribe_fields": 1, "unsubscribe_post": post},
		"authentication": {"dkim": signatures, "dkim_covers_unsubscribe": covers},
	})
}

_one_click := "List-Unsubscribe=One-Click"

test_fails_when_not_covered if {
	_findings(2, false, _one_click) == {{
		"message": "DKIM signatures: 2, none covers List-Unsubscribe and List-Unsubscribe-Post",
		"value": 2,
	}}
}

test_passes_when_covered if count(_findings(1, true, _one_click)) == 0

test_passes_before_it_is_signed if count(_findings(0, false, _one_click)) == 0

test_passes_without_one_click if count(_findings(1, false, "")) == 0
