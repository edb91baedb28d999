# METADATA
# scope: package
# title: Bulk mail without List-Id
# description: >-
#   List-Id names the list for good, so that recipients can sort its mail and providers can tell one mailing from another.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2919
# custom:
#   severity: warning
#   fields: [List-Id]
#   clause: RFC 2919 section 2
#   remedy: 'Add "List-Id: Name of the list <name.lists.example.com>" with one identifier under your domain that stays the same.'
package postern.rules.bulk.list_id

import data.postern.lib.bulk

findings contains {
	"message": sprintf("bulk mail (%s) has no List-Id field", [bulk.because]),
} if {
	bulk.own
	input.list.id_fields == 0
}

findings contains {
	"message": sprintf("%d List-Id fields, a message has one", [input.list.id_fields]),
	"value": input.list.id_fields,
	"limit": 1,
} if {
	bulk.own
	input.list.id_fields > 1
}

findings contains {
	"message": sprintf("List-Id %q has no dot, so it names no list under a domain", [input.list.id]),
	"value": input.list.id,
} if {
	bulk.own
	input.list.id_fields == 1
	not contains(input.list.id, ".")
}
