package postern.rules.bulk.transactional_mixed_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.transactional_mixed

_findings(text, reply, precedence) := found if {
	found := transactional_mixed.findings with input as bulkmail.message({
		"list": {"precedence": precedence},
		"header": {"subject": {"text": text, "reply": reply}},
	})
}

test_fails_with_an_order if {
	_findings("Thanks for Your Order 4711", false, "bulk") == {{
		"message": `the subject speaks of "your order", and the header says Precedence: bulk`,
		"value": "your order",
	}}
}

test_passes_with_a_reply if count(_findings("Re: your order", true, "bulk")) == 0

test_passes_with_a_mailing if count(_findings("Spring sale", false, "bulk")) == 0

test_passes_without_list_fields if count(_findings("Your order 4711", false, "")) == 0
