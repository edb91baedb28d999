package postern.lib.base64_test

import data.postern.lib.base64

# Numbers checked against other base64 implementations.
test_encoded if {
	base64.encoded(0) == 0
	base64.encoded(1) == 6
	base64.encoded(57) == 78
	base64.encoded(58) == 84
	base64.encoded(35000000) == 47894740
}

test_largest if {
	base64.largest(40000000) == 29230767
	base64.largest(40960000) == 29932305
	base64.largest(41943040) == 30650682
}

test_largest_fits_and_one_more_does_not if {
	every limit in [6, 77, 78, 79, 84, 156, 1000, 10240000] {
		base64.encoded(base64.largest(limit)) <= limit
		base64.encoded(base64.largest(limit) + 1) > limit
	}
}

test_largest_of_too_little if {
	base64.largest(5) == 0
	base64.largest(0) == 0
	base64.largest(-100) == 0
}
