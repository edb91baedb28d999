package postern.rules.template.placeholder_no_default_test

import data.postern.rules.template.placeholder_no_default

_findings(patch) := found if {
	found := placeholder_no_default.findings with input as {"variables": [object.union(
		{
			"name": "first_name", "file": "a.html", "line": 7, "undeclared": false,
			"default": false, "guarded": false, "has_default": true,
		},
		patch,
	)]}
		with data.postern.lists.template.placeholder_no_default as {"names": ["firstname"], "people": ["user"]}
}

test_fails_without if {
	_findings({}) == {{
		"message": "\"first_name\" has no default for recipients without that name",
		"value": "first_name", "file": "a.html", "line": 7,
	}}
}

test_fails_in_an_object if {
	every name in ["user.name", "account.user.Name", "order.buyer.first-name"] {
		count(_findings({"name": name})) == 1
	}
}

test_passes_with_other_names if {
	every name in ["name", "product.name", "first_names", "user.email"] {
		count(_findings({"name": name})) == 0
	}
}

test_passes_with_a_default if count(_findings({"default": true})) == 0

test_passes_in_a_condition if count(_findings({"guarded": true})) == 0

test_passes_where_the_engine_has_none if count(_findings({"has_default": false})) == 0
