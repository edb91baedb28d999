package postern.rules.size.html_gmail_clip_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.size.html_gmail_clip

_findings(bytes) := found if {
	found := html_gmail_clip.findings with input as {"text": {"html_bytes": bytes}}
}

test_passes_at_the_near_limit if count(_findings(92160)) == 0

test_fails_one_octet_over_the_near_limit if {
	_findings(92161) == {{
		"message": "92161 octets of HTML are close to the 102400 at which Gmail cuts",
		"value": 92161,
		"limit": 92160,
	}}
}

test_fails_as_near_at_the_limit if {
	some finding in _findings(102400)
	finding.limit == 92160
}

test_fails_one_octet_over if {
	_findings(102401) == {{
		"message": "102401 octets of HTML, Gmail cuts at about 102400",
		"value": 102401,
		"limit": 102400,
		"severity": "warning",
	}}
}

test_fails_gravely_in_bulk_mail if {
	some finding in html_gmail_clip.findings with input as bulkmail.message({
		"text": {"html_bytes": 102401}, "list": {"id_fields": 1, "id": "news.example.com"},
	})
	finding.severity == "error"
}
