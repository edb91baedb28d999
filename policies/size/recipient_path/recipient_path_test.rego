package postern.rules.size.recipient_path_test

import data.postern.rules.size.recipient_path

_findings(bytes, domains) := found if {
	found := recipient_path.findings with input as {
		"size": {"data_bytes": bytes},
		"recipients": {"domains": domains},
	}
}

test_passes_at_the_limit if {
	count(_findings(20971520, ["icloud.com"])) == 0
	count(_findings(26214400, ["gmail.com"])) == 0
}

test_fails_one_octet_over if {
	_findings(20971521, ["example.com", "gmail.com", "icloud.com"]) == {{
		"message": "20971521 octets on the wire, iCloud states 20971520 for a message (recipients at icloud.com)",
		"value": 20971521,
		"limit": 20971520,
	}}
}

test_fails_for_each_domain if count(_findings(26214401, ["gmail.com", "me.com"])) == 2

test_passes_with_other_domains if count(_findings(39000000, ["example.com"])) == 0
