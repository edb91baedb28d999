# METADATA
# scope: package
# title: Unsubscribing takes more than one click
# description: >-
#   Gmail and Yahoo require one-click unsubscribing (RFC 8058) of senders of 5,000 messages a day and more; how many you send
#   cannot be seen in a message, so its absence is a warning. A List-Unsubscribe-Post field with another value than the one of
#   the RFC is an error: it does nothing.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8058
#   - ref: https://support.google.com/mail/answer/81126
# custom:
#   severity: warning
#   fields: [List-Unsubscribe]
#   clause: bulk/one_click
#   remedy: >-
#     Add "List-Unsubscribe-Post: List-Unsubscribe=One-Click", exactly so, and have the https address in List-Unsubscribe
#     unsubscribe on a POST request without asking back.
package postern.rules.bulk.unsubscribe_oneclick

import data.postern.lib.bulk

findings contains {
	"message": "bulk mail has List-Unsubscribe and no List-Unsubscribe-Post, so unsubscribing takes more than one click",
} if {
	bulk.own
	input.list.unsubscribe_fields > 0
	input.list.unsubscribe_post == ""
}

findings contains {
	"message": sprintf("List-Unsubscribe-Post is %q, only %q means anything", [input.list.unsubscribe_post, _value]),
	"value": input.list.unsubscribe_post,
	"limit": _value,
	"severity": bulk.grave,
} if {
	bulk.own
	input.list.unsubscribe_post != ""
	not input.list.one_click
}

_value := "List-Unsubscribe=One-Click"
