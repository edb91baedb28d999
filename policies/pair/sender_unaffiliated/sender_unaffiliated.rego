# METADATA
# scope: package
# title: From address is not affiliated with the account
# description: >-
#   Pair asks not to send from addresses that are not affiliated with the customer's accounts and services there. Every address
#   of every From field counts: recipients' programs differ in which one they show.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: error
#   opaque: true
#   clause: pair/affiliation
#   remedy: >-
#     Send from an address of one of your domains at Pair; put the other address into Reply-To. If the address is yours at Pair,
#     add its domain to account.domains in postern.yaml.
#   requires: [account]
package postern.rules.pair.sender_unaffiliated

import data.postern.lib.account

findings contains {
	"message": sprintf("From is %q, which is not under the account's domains", [from.address]),
	"value": from.address,
	"limit": concat(", ", data.postern.account.domains),
	"line": from.line,
} if {
	data.postern.account != null
	some from in input.sender.from
	not account.affiliated(data.postern.account, "pair", from)
}
