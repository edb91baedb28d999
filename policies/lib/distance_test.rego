package postern.lib.distance_test

import data.postern.lib.distance

test_one_slip_anywhere if {
	every name in [
		"xmail.com", "mail.com", "agmail.com", "mgail.com", # first letter
		"gmaxl.com", "gmai.com", "gmaill.com", "gmali.com", "gmal.com", # in the middle
		"gmailc.om", "gmail.con", "gmail.co", "gmail.comm", "gmail.cmo", # at the end
		"gamil.com", "gmial.com",
	] {
		distance.one(name, "gmail.com")
	}
}

test_not_equal if not distance.one("gmail.com", "gmail.com")

test_not_two_slips if {
	every name in ["xmaiy.com", "gmxxl.com", "gmxl.co", "gmial.con", "gailm.com", "ymaxl.com", "example.com", ""] {
		not distance.one(name, "gmail.com")
	}
}
