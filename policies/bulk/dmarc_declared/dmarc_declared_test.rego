package postern.rules.bulk.dmarc_declared_test

import data.postern.lib.bulkmail_test as bulkmail
import data.postern.rules.bulk.dmarc_declared

_findings(domain, precedence) := found if {
	found := dmarc_declared.findings with input as bulkmail.message({
		"list": {"precedence": precedence},
		"sender": {"from": [{"domain": domain, "registrable_domain": domain, "line": 2}]},
	})
		with data.postern.account as {"domains": ["example.com", "example.org"], "dmarc": ["example.org"]}
}

test_fails_without_a_record if {
	_findings("example.com", "bulk") == {{
		"message": `bulk mail (Precedence: bulk) is from "example.com", which account.dmarc does not name`,
		"value": "example.com",
		"line": 2,
	}}
}

test_passes_with_a_record if count(_findings("example.org", "bulk")) == 0

test_passes_below_a_record if count(_findings("news.example.org", "bulk")) == 0

test_passes_with_another_domain if count(_findings("example.net", "bulk")) == 0

test_passes_with_a_letter if count(_findings("example.com", "")) == 0
