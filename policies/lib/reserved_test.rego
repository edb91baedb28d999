package postern.lib.reserved_test

import data.postern.lib.reserved

test_never if {
	every host in ["a.test", "shop.example", "x.y.invalid", "a.localhost"] {
		reserved.never(host)
		reserved.name(host)
	}
	every host in ["example.com", "test.org", "contest"] {
		not reserved.never(host)
	}
}

test_name if {
	every host in ["example.com", "www.example.net", "a.b.example.org"] {
		reserved.name(host)
	}
	every host in ["myexample.com", "example.de", "example.com.de"] {
		not reserved.name(host)
	}
}

test_owned if {
	reserved.owned("example.com") with data.postern.account as {"domains": ["example.com"]}
	reserved.owned("www.example.com") with data.postern.account as {"domains": ["example.com"]}
	not reserved.owned("badexample.com") with data.postern.account as {"domains": ["example.com"]}
	not reserved.owned("example.com") with data.postern.account as null
}
