package postern.rules.bulk.unsubscribe_header_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.unsubscribe_header

test_fails_in_submitted_bulk_mail if {
	unsubscribe_header.findings == {{
		"message": "bulk mail (Precedence: bulk) has no List-Unsubscribe field",
		"severity": "error",
	}} with input as bulkmail.message({"list": {"precedence": "bulk"}})
}

test_warns_by_number_of_recipients if {
	some finding in unsubscribe_header.findings with input as bulkmail.message({"recipients": {"unique": 51}})
	finding.severity == "warning"
}

test_passes_with_the_field if {
	count(unsubscribe_header.findings) == 0 with input as bulkmail.message({"list": {"unsubscribe_fields": 1}})
}

test_passes_with_a_letter if count(unsubscribe_header.findings) == 0 with input as bulkmail.message({})
