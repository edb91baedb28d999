# METADATA
# scope: package
# title: Bulk mail does not name its sender
# description: >-
#   The laws on commercial mail ask that a message says who sends it. From without a name shows a bare address, which recipients
#   know least of all.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.4
# custom:
#   severity: warning
#   clause: bulk/sender_name
#   remedy: 'Put the name of your organization before the address: From: "Example Shop" <news@example.com>.'
package postern.rules.bulk.identification

import data.postern.lib.bulk

findings contains {
	"message": sprintf("From of bulk mail (%s) is %q without a name", [bulk.because, from.address]),
	"value": from.address,
	"line": from.line,
} if {
	bulk.own
	some from in input.sender.from
	trim_space(from.display_name) == ""
}
