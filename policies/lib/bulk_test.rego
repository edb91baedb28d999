package postern.lib.bulk_test

import data.postern.lib.bulk
import data.postern.lib.bulkmail_test as bulkmail

test_own_by_each_mark if {
	every patch in [
		{"precedence": "bulk"}, {"precedence": "list"}, {"id_fields": 1, "id": "news.example.com"},
		{"unsubscribe_fields": 1}, {"feedback_id": "a:b:c:example"},
	] {
		bulk.own with input as bulkmail.message({"list": patch})
		bulk.submitted with input as bulkmail.message({"list": patch})
	}
}

test_own_by_many_recipients if {
	bulk.own with input as bulkmail.message({"recipients": {"unique": 51}})
	not bulk.submitted with input as bulkmail.message({"recipients": {"unique": 51}})
}

test_not_own_at_the_number_of_recipients if {
	not bulk.own with input as bulkmail.message({"recipients": {"unique": 50}})
}

test_envelope_counts_when_it_is_known if {
	not bulk.own with input as bulkmail.message({"recipients": {"unique": 51, "envelope_unique": 50, "envelope_known": true}})
	bulk.because == "51 recipients" with input as bulkmail.message({"recipients": {
		"unique": 52, "envelope_unique": 51, "envelope_known": true,
	}})
}

test_because if {
	bulk.because == "List-Id, Precedence: bulk" with input as bulkmail.message({"list": {"id_fields": 1, "precedence": "bulk"}})
	bulk.because == "51 recipients" with input as bulkmail.message({"recipients": {"unique": 51}})
}

test_not_own_on_the_list_of_others if {
	every patch in [{"id": "talk.example.org", "id_fields": 1}, {"post": true}, {"software": "ezmlm"}] {
		not bulk.own with input as bulkmail.message({
			"header": {"received": 2}, "list": object.union({"precedence": "list"}, patch),
		})
	}
}

test_not_own_when_somebody_else_sent_it if {
	elsewhere := [{"registrable_domain": "example.org"}]
	not bulk.own with input as bulkmail.message({"list": {"precedence": "list"}, "sender": {"sender": elsewhere}})
	not bulk.own with input as bulkmail.message({
		"header": {"received": 1}, "list": {"precedence": "list"}, "sender": {"return_path": elsewhere},
	})
}

test_not_own_when_unsubscribed_elsewhere if {
	not bulk.own with input as bulkmail.message({
		"header": {"received": 1},
		"list": {"unsubscribe_fields": 1, "unsubscribe": ["mailto:leave@lists.example.org"]},
	})
	bulk.own with input as bulkmail.message({
		"header": {"received": 1},
		"list": {"unsubscribe_fields": 1, "unsubscribe": ["https://News.Example.com/leave"]},
	})
}

test_own_list_that_has_been_under_way if {
	message := bulkmail.message({"header": {"received": 2}, "list": {"id": "news.example.com", "id_fields": 1}})
	bulk.own with input as message
	not bulk.submitted with input as message
	bulk.grave == "warning" with input as message
}

test_grave_when_submitted if {
	bulk.grave == "error" with input as bulkmail.message({"list": {"precedence": "bulk"}})
}

test_not_own_when_automatic if {
	every patch in [{"delivery_report": true}, {"auto_submitted": "auto-replied"}] {
		not bulk.own with input as bulkmail.message({"list": {"precedence": "bulk"}, "automation": patch})
	}
}

test_readable if {
	bulk.readable with input as bulkmail.message({})
	not bulk.readable with input as bulkmail.message({"text": {"truncated": true}})
	not bulk.readable with input as bulkmail.message({"text": {"undecoded": 1}})
}

test_not_own_when_a_program_reports_something if {
	generated := {"automation": {"delivery_report": false, "auto_submitted": "auto-generated", "auto_response_suppress": false}}
	not bulk.own with input as bulkmail.message(object.union(generated, {"list": {"precedence": "bulk"}}))
	bulk.own with input as bulkmail.message(object.union(generated, {"list": {"precedence": "bulk", "id_fields": 1, "id": "news.example.com"}}))
	bulk.own with input as bulkmail.message(object.union(generated, {"list": {"precedence": "bulk"}, "recipients": {"unique": 51}}))
	not bulk.own with input as bulkmail.message(object.union(generated, {"list": {"precedence": "bulk"}, "recipients": {"unique": 50}}))
}
