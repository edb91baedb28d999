package postern.rules.spam.subject_currency_test

import data.postern.rules.spam.subject_currency

_findings(currency) := found if {
	found := subject_currency.findings with input as {"header": {"subject": {
		"text": "Save $100", "currency": currency,
	}}}
}

test_fails_with_an_amount if _findings(true) == {{"message": `the subject "Save $100" holds an amount of money`}}

test_passes_without if count(_findings(false)) == 0
