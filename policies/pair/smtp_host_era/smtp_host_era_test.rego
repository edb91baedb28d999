package postern.rules.pair.smtp_host_era_test

import data.postern.rules.pair.smtp_host_era

_account(created, number) := {
	"username": "alice", "created": created, "server_number": number,
	"domains": ["example.com"],
}

_setting(host) := {"host": host, "host_line": 4, "line": 2, "file": "msmtprc", "format": "msmtp"}

_findings(host, account) := found if {
	found := smtp_host_era.findings with input as {"settings": [_setting(host)]}
		with data.postern.account as account
		with data.postern.provider as "pair"
		with data.postern.limits.pair.smtp_host_era.new_hosts_from as "2011-06-01"
}

_errors(host, account) := {f | some f in _findings(host, account); not f.severity}

test_passes_on_the_first_new_day if {
	count(_findings("alice.mail.pairserver.com", _account("2011-06-01", 0))) == 0
}

test_passes_on_the_last_old_day if count(_findings("mail12.pair.com", _account("2011-05-31", 0))) == 0

test_passes_with_the_number if count(_findings("mail12.pair.com", _account("2011-05-31", 12))) == 0

test_passes_without_username if {
	count(_findings("alice.mail.pairserver.com", object.union(_account("2015-03-01", 0), {"username": ""}))) == 0
}

test_fails_with_the_old_host_of_a_new_account if {
	_findings("mail12.pair.com", _account("2011-06-01", 0)) == {{
		"message": `host is "mail12.pair.com", the account submits to alice.mail.pairserver.com`,
		"value": "mail12.pair.com",
		"limit": "alice.mail.pairserver.com",
		"file": "msmtprc",
		"line": 4,
	}}
}

test_fails_with_the_new_host_of_an_old_account if {
	count(_errors("alice.mail.pairserver.com", _account("2011-05-31", 0))) == 1
}

test_fails_with_another_number if count(_errors("mail13.pair.com", _account("2011-05-31", 12))) == 1

test_fails_with_another_user if count(_errors("bob.mail.pairserver.com", _account("2015-03-01", 0))) == 1

test_fails_with_no_mail_host if {
	every host in ["www.pair.com", "mail.pair.com", "mail007.pair.com", "pairserver.com", "a.b.mail.pairserver.com"] {
		count(_errors(host, _account("2015-03-01", 0))) == 1
	}
}

test_fails_with_another_number_or_user_without_date if {
	count(_errors("mail13.pair.com", _account("", 12))) == 1
	count(_errors("bob.mail.pairserver.com", _account("", 0))) == 1
}

test_fails_as_unknown_without_date if {
	every host in ["mail12.pair.com", "alice.mail.pairserver.com"] {
		found := _findings(host, _account("", 0))
		count(found) == 1
		every f in found {
			f.severity == "info"
			startswith(f.message, "cannot tell")
		}
	}
}

test_passes_what_other_rules_judge if {
	count(_findings("relay.pair.com", _account("2015-03-01", 0))) == 0
	count(_findings("mail.example.com", _account("2015-03-01", 0))) == 0
	count(_findings("smtp.example.net", _account("2015-03-01", 0))) == 0
}

test_passes_without_account if count(_findings("mail12.pair.com", null)) == 0
