package postern.rules.recipients.role_account_test

import data.postern.rules.recipients.role_account

_findings(roles, precedence) := found if {
	found := role_account.findings with input as {
		"recipients": {"unique": 2, "roles": roles},
		"list": {
			"precedence": precedence, "id_fields": 0, "unsubscribe_fields": 0, "feedback_id": "", "id": "", "post": false,
			"software": "",
		},
		"header": {"received": 0},
		"sender": {"from": []},
		"automation": {"delivery_report": false, "auto_submitted": ""},
	}
}

test_fails_with_bulk_mail_to_a_role if {
	_findings(["abuse@example.com"], "bulk") == {{
		"message": `bulk mail (Precedence: bulk) goes to role accounts: "abuse@example.com"`,
		"value": 1,
		"limit": 0,
	}}
}

test_passes_with_a_letter_to_a_role if count(_findings(["abuse@example.com"], "")) == 0

test_passes_with_bulk_mail_to_people if count(_findings([], "bulk")) == 0
