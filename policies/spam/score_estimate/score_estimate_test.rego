package postern.rules.spam.score_estimate_test

import data.postern.rules.spam.score_estimate

_plain := {
	"problems": [],
	"header": {
		"date": {"skew_seconds": 0},
		"subject": {"text": "Hello", "letters": 5, "capitals": 1, "reply": false},
		"in_reply_to": false,
		"references": false,
	},
	"text": {
		"html_parts": 0, "plain_parts": 1, "alternative_differs": false, "images": 0, "html_words": 0, "undecoded": 0,
		"empty": false, "hidden_text": 0, "letters": 300, "capitals": 10, "placeholders": [], "phrases": [],
	},
	"links": {"items": []},
	"sender": {"from": [{"domain": "example.com"}], "reply_to": []},
	"recipients": {"sorted": false},
}

_findings(patch) := found if {
	found := score_estimate.findings with input as object.union(_plain, patch)
}

_missing_date := {"id": "rfc.date_missing"}

_missing_subject := {"id": "rfc.subject_missing"}

test_passes_under_the_limit if {
	# 2.7 + 1.8 = 4.5
	count(_findings({"problems": [_missing_date, _missing_subject]})) == 0
}

test_fails_at_the_limit if {
	_findings({"problems": [_missing_date, _missing_subject, {"id": "rfc.nul"}]}) == {{
		"message": concat("", [
			"estimated score 5.0, a filter says spam at 5.0: ",
			"rfc.date_missing 2.7, rfc.nul 0.5, rfc.subject_missing 1.8",
		]),
		"value": 5,
		"limit": 5,
	}}
}

test_passes_with_an_ordinary_letter if count(_findings({})) == 0

test_each_signal_counts if {
	patches := {
		"date_in_future": {"header": {"date": {"skew_seconds": 10801}}},
		"subject_capitals": {"header": {"subject": {"letters": 10, "capitals": 10}}},
		"fake_reply": {"header": {"subject": {"reply": true}}},
		"html_only": {"text": {"html_parts": 1, "plain_parts": 0}},
		"text_html_differ": {"text": {"alternative_differs": true}},
		"image_only": {"text": {"images": 1}},
		"empty": {"text": {"empty": true}},
		"hidden_text": {"text": {"hidden_text": 1}},
		"link_to_ip": {"links": {"items": [{"ip_host": true, "host": "192.0.2.1", "path": "0", "line": 1}]}},
		"capitals": {"text": {"letters": 200, "capitals": 151}},
		"unreplaced_template": {"text": {"placeholders": [{"place": "header"}]}},
		"free_mail_reply_to": {"sender": {"reply_to": [{"address": "a@gmail.com", "domain": "gmail.com", "line": 1}]}},
		"sorted_recipients": {"recipients": {"sorted": true}},
		"dear_friend": {"text": {"phrases": ["dear_friend"]}},
	}
	every signal, patch in patches {
		some finding in score_estimate.findings with input as object.union(_plain, patch)
			with data.postern.limits.spam.score_estimate.score as 0.1
		contains(finding.message, signal)
	}
}
