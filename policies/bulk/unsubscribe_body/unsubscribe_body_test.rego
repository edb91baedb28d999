package postern.rules.bulk.unsubscribe_body_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.unsubscribe_body

_findings(text) := found if {
	found := unsubscribe_body.findings with input as bulkmail.message({
		"list": {"precedence": "bulk"},
		"text": text,
	})
}

test_fails_without_a_word_of_it if {
	_findings({}) == {{"message": "the text of bulk mail (Precedence: bulk) offers no way to unsubscribe"}}
}

test_passes_with_it if count(_findings({"unsubscribe": true})) == 0

test_passes_when_the_text_was_not_all_read if {
	count(_findings({"truncated": true})) == 0
	count(_findings({"undecoded": 1})) == 0
}

test_passes_with_a_letter if count(unsubscribe_body.findings) == 0 with input as bulkmail.message({})
