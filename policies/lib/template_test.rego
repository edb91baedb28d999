package postern.lib.template_test

import data.postern.lib.template

test_grave_in_a_template if template.grave == "error" with input as {"origin": "template"}

test_light_in_a_message if template.grave == "warning" with input as {"origin": "message"}

test_times if {
	template.times(1) == ""
	template.times(2) == " (2 times)"
}
