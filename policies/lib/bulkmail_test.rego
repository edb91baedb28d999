# A message for the tests of rules on bulk mail: a letter to one person, as facts describe it, as far as these rules read it.
package postern.lib.bulkmail_test

message(patch) := object.union(_letter, patch)

_letter := {
	"list": {
		"id": "", "id_fields": 0, "post": false, "unsubscribe_fields": 0, "unsubscribe": [], "unsubscribe_https": false,
		"unsubscribe_http": false, "unsubscribe_mailto": false, "unsubscribe_post": "", "one_click": false,
		"precedence": "", "feedback_id": "", "software": "",
	},
	"recipients": {"unique": 1, "roles": []},
	"header": {"received": 0, "subject": {"text": "Hello", "reply": false, "forward": false}},
	"sender": {"sender": [], "return_path": [], "from": [{
		"address": "news@example.com", "local": "news", "domain": "example.com", "registrable_domain": "example.com",
		"display_name": "Example Shop", "line": 1,
	}]},
	"automation": {"delivery_report": false, "auto_submitted": "", "auto_response_suppress": false},
	"authentication": {"dkim": 0, "dkim_covers_unsubscribe": false},
	"history": null,
	"text": {"unsubscribe": false, "postal_address": false, "truncated": false, "undecoded": 0},
}

test_a_letter_is_no_bulk_mail if not data.postern.lib.bulk.own with input as message({})
