package postern.rules.submission.msa_will_fix_test

import data.postern.rules.submission.msa_will_fix

_findings(date, message_id) := found if {
	found := msa_will_fix.findings with input as {"header": {"date": {"count": date}, "message_id": {"count": message_id}}}
}

test_fails_without_both if {
	_findings(0, 0) == {{
		"message": "Date and Message-ID missing, which the submission server may or may not add",
		"value": "Date, Message-ID",
	}}
}

test_fails_without_one if {
	{f.value | some f in _findings(0, 1)} == {"Date"}
	{f.value | some f in _findings(1, 0)} == {"Message-ID"}
}

test_passes_with_both if count(_findings(1, 1)) == 0
