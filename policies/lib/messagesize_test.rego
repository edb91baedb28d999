package postern.lib.messagesize_test

import data.postern.lib.messagesize

test_server if messagesize.limit == 1000 with data.postern.server_size as 1000

test_pair if {
	messagesize.limit == 41943040 with data.postern.server_size as 0 with data.postern.provider as "pair"
}

test_unknown if {
	not messagesize.limit with data.postern.server_size as 0 with data.postern.provider as "none"
}
