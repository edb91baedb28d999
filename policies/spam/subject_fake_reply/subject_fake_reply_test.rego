package postern.rules.spam.subject_fake_reply_test

import data.postern.rules.spam.subject_fake_reply

_findings(reply, answers, references) := found if {
	found := subject_fake_reply.findings with input as {"header": {
		"subject": {"text": "Re: offer", "reply": reply}, "in_reply_to": answers, "references": references,
	}}
}

test_fails_with_nothing_to_answer if {
	_findings(true, false, false) == {{
		"message": `the subject "Re: offer" is that of a reply, and there is no In-Reply-To and no References`,
		"value": "Re: offer",
	}}
}

test_passes_with_in_reply_to if count(_findings(true, true, false)) == 0

test_passes_with_references if count(_findings(true, false, true)) == 0

test_passes_with_another_subject if count(_findings(false, false, false)) == 0
