package postern.lib.recipients_test

import data.postern.lib.recipients

test_envelope_counts_alone if {
	recipients.receiving == 25 with input as {"recipients": {"unique": 26, "envelope_unique": 25, "envelope_known": true}}
}

test_all_that_are_named_count_without_envelope if {
	recipients.receiving == 26 with input as {"recipients": {"unique": 26, "envelope_unique": 0, "envelope_known": false}}
}
