package postern.rules.bulk.feedback_id_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.feedback_id

_findings(id) := found if {
	found := feedback_id.findings with input as bulkmail.message({"list": {"precedence": "bulk", "feedback_id": id}})
}

test_fails_without_it if {
	_findings("") == {{"message": "bulk mail (Precedence: bulk) has no Feedback-ID field"}}
}

test_passes_with_it if count(_findings("spring:shop:news:example")) == 0

test_passes_with_a_letter if count(feedback_id.findings) == 0 with input as bulkmail.message({})
