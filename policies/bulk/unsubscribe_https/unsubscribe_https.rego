# METADATA
# scope: package
# title: List-Unsubscribe has no https address
# description: >-
#   One-click unsubscribing needs an https address in List-Unsubscribe (RFC 8058 section 3.1). A plain http address sends the
#   recipient's identity in the clear, and programs do not offer it.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8058#section-3.1
# custom:
#   severity: error
#   fields: [List-Unsubscribe]
#   clause: RFC 8058 section 3.1
#   remedy: Put an https address into List-Unsubscribe, beside the mailto address if there is one.
package postern.rules.bulk.unsubscribe_https

import data.postern.lib.bulk

findings contains {
	"message": "List-Unsubscribe-Post promises one click, and List-Unsubscribe has no https address",
	"severity": bulk.grave,
} if {
	bulk.own
	input.list.unsubscribe_post != ""
	not input.list.unsubscribe_https
}

findings contains {
	"message": "List-Unsubscribe has an http address and no https address",
	"severity": "warning",
} if {
	bulk.own
	input.list.unsubscribe_post == ""
	input.list.unsubscribe_http
	not input.list.unsubscribe_https
}
