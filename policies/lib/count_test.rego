package postern.lib.count_test

import data.postern.lib.count as counted

test_certain if counted.recipients(26, false) == "26 recipients"

test_uncertain if counted.recipients(26, true) == "at least 26 recipients"
