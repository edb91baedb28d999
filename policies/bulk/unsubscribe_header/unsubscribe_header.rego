# METADATA
# scope: package
# title: Bulk mail without List-Unsubscribe
# description: >-
#   Gmail and Yahoo ask for a List-Unsubscribe field in marketing and subscribed mail; programs show a button for it. It is an
#   error in mail that calls itself bulk and is just being submitted, and a warning where that is a guess.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2369#section-3.2
#   - ref: https://support.google.com/mail/answer/81126
# custom:
#   severity: error
#   opaque: true
#   clause: bulk/one_click
#   remedy: >-
#     Add "List-Unsubscribe: <https://...>, <mailto:...>" with an address that knows the recipient, and "List-Unsubscribe-Post:
#     List-Unsubscribe=One-Click".
package postern.rules.bulk.unsubscribe_header

import data.postern.lib.bulk

findings contains {
	"message": sprintf("bulk mail (%s) has no List-Unsubscribe field", [bulk.because]),
	"severity": bulk.grave,
} if {
	bulk.own
	input.list.unsubscribe_fields == 0
}
