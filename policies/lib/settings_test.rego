package postern.lib.settings_test

import data.postern.lib.settings

_alice := {"username": "alice", "created": "2015-03-01", "server_number": 0, "domains": ["example.com"]}

_setting(host, format) := {"host": host, "format": format}

test_pair_host if {
	settings.pair_host("alice.mail.pairserver.com")
	settings.pair_host("mail1.pair.com")
	not settings.pair_host("pair.com.example.net")
	not settings.pair_host("repair.com")
	not settings.pair_host("")
}

test_applies if {
	settings.applies(_setting("mail1.pair.com", "env"), "pair", null)
	settings.applies(_setting("mail.example.com", "env"), "pair", _alice)
	settings.applies(_setting("example.com", "env"), "pair", _alice)
	settings.applies(_setting("smtp.example.net", "postern"), "pair", _alice)
}

test_does_not_apply if {
	not settings.applies(_setting("mail1.pair.com", "env"), "none", _alice)
	not settings.applies(_setting("mail.example.com", "env"), "pair", null)
	not settings.applies(_setting("smtp.example.net", "env"), "pair", _alice)
	not settings.applies(_setting("smtp.example.net", "postern"), "pair", null)
	not settings.applies(_setting("", "postern"), "pair", _alice)
}

test_nearby if {
	every host in ["localhost", "mailpit", "", "127.0.0.1", "::1"] {
		settings.nearby(host)
	}
	every host in ["a.example.com", "192.0.2.1", "2001:db8::1", "128.0.0.1"] {
		not settings.nearby(host)
	}
}

test_host if {
	settings.host(_alice, "2011-06-01") == "alice.mail.pairserver.com"
	settings.host(object.union(_alice, {"created": "2011-06-01"}), "2011-06-01") == "alice.mail.pairserver.com"
	settings.host(object.union(_alice, {"created": "2011-05-31"}), "2011-06-01") == "mailNNN.pair.com"
	settings.host(object.union(_alice, {"created": "2011-05-31", "server_number": 12}), "2011-06-01") == "mail12.pair.com"
	settings.host(object.union(_alice, {"created": "", "username": ""}), "2011-06-01") == concat("", [
		"username.mail.pairserver.com, or, for an account created before 2011-06-01, ",
		"mailNNN.pair.com",
	])
}

test_line if {
	settings.line(5, {"line": 2}) == 5
	settings.line(0, {"line": 2}) == 2
}
