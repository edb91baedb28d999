package postern.rules.pair.ratelimit_unknown_test

import data.postern.rules.pair.ratelimit_unknown

_findings(number, precedence) := found if {
	found := ratelimit_unknown.findings with input as {
		"recipients": {"unique": number},
		"list": {
			"precedence": precedence, "id_fields": 0, "unsubscribe_fields": 0, "feedback_id": "", "id": "", "post": false,
			"software": "",
		},
		"header": {"received": 0},
		"sender": {"from": []},
		"automation": {"delivery_report": false, "auto_submitted": ""},
	}
}

test_passes_at_the_limit if count(_findings(25, "")) == 0

test_fails_one_over if count(_findings(26, "")) == 1

test_fails_with_bulk_mail if count(_findings(1, "bulk")) == 1

test_envelope_counts_when_it_is_known if {
	not ratelimit_unknown._mailing with input as _enveloped(25, 26)
	ratelimit_unknown._mailing with input as _enveloped(26, 25)
}

_enveloped(envelope, named) := {
	"recipients": {"unique": named, "envelope_unique": envelope, "envelope_known": true},
	"list": {"precedence": "", "id_fields": 0, "unsubscribe_fields": 0, "feedback_id": ""},
}
