package postern.rules.template.link_staging_test

import data.postern.rules.template.link_staging

_link(host) := {"host": host, "scheme": "https", "path": "1", "line": 7}

_findings(origin, hosts, resources) := found if {
	found := link_staging.findings with input as {
		"origin": origin,
		"links": {"items": [_link(host) | some host in hosts], "resources": resources},
	}
}

test_fails_in_a_template if {
	_findings("template", ["localhost"], []) == {{
		"message": "a link leads to localhost, which readers cannot reach",
		"value": "localhost",
		"path": "1",
		"line": 7,
		"severity": "error",
	}}
}

test_fails_with_each_kind if {
	every host in ["app.localhost", "printer.local", "x.ngrok-free.app", "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.0.1", "::1"] {
		some finding in _findings("template", [host], [])
		finding.severity == "error"
	}
}

test_fails_with_a_resource if {
	some finding in _findings("template", [], [{"text": "file", "path": "1", "line": 8}])
	finding.message == "something is loaded from file, which readers cannot reach"
}

test_fails_with_a_file if {
	some finding in link_staging.findings with input as {
		"origin": "template",
		"links": {"items": [{"host": "", "scheme": "file", "path": "1", "line": 7}], "resources": []},
	}
	finding.value == "file"
}

test_warns_with_a_stage if {
	some finding in _findings("template", ["staging.shop.example"], [])
	finding.severity == "warning"
	finding.message == "a link leads to staging.shop.example, which reads as a stage of development"
}

test_warns_in_a_message if {
	some finding in _findings("message", ["localhost"], [])
	finding.severity == "warning"
}

test_passes_with_a_stage_in_a_message if count(_findings("message", ["dev.shop.example"], [])) == 0

test_passes_with_other_hosts if count(_findings("template", ["dev.to", "8.8.8.8", "172.32.0.1", "www.shop.example", "local.shop.example"], [])) == 0

test_passes_with_what_is_no_address if count(_findings("template", ["1.2.3.4.5", "999.1.1.1", "1:2:zz", "::1%lo", "1.2.3.4/8"], [])) == 0
