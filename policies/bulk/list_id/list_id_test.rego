package postern.rules.bulk.list_id_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.list_id

_findings(id, fields, recipients) := found if {
	found := list_id.findings with input as bulkmail.message({
		"list": {"id": id, "id_fields": fields},
		"recipients": {"unique": recipients},
	})
}

test_passes_at_the_number_of_recipients if count(_findings("", 0, 50)) == 0

test_fails_one_recipient_over if {
	_findings("", 0, 51) == {{"message": "bulk mail (51 recipients) has no List-Id field"}}
}

test_passes_with_one if count(_findings("news.example.com", 1, 51)) == 0

test_fails_with_two if {
	_findings("news.example.com", 2, 1) == {{
		"message": "2 List-Id fields, a message has one",
		"value": 2,
		"limit": 1,
	}}
}

test_fails_without_domain if {
	_findings("news", 1, 1) == {{
		"message": `List-Id "news" has no dot, so it names no list under a domain`,
		"value": "news",
	}}
}
