package postern.lib.domains_test

import data.postern.lib.domains

test_within_the_domain_itself if {
	domains.within("example.com", ["example.org", "example.com"])
}

test_within_a_subdomain if {
	domains.within("mail.example.com", ["example.com"])
}

test_not_within_a_name_that_ends_alike if {
	not domains.within("badexample.com", ["example.com"])
}

test_not_within_the_parent if {
	not domains.within("example.com", ["mail.example.com"])
}

test_not_within_nothing if {
	not domains.within("example.com", [])
}
