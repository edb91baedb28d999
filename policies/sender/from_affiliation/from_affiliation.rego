# METADATA
# scope: package
# title: From address is not one of yours
# description: >-
#   A submission server may refuse mail from addresses that its user has no right to (RFC 6409 section 6.1). Every address of
#   every From field counts. With a provider whose own rule is known, that rule speaks instead of this one.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6409#section-6.1
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 6409 section 6.1
#   remedy: >-
#     Send from an address under your own domains. If the address is yours, add its domain to account.domains, or itself to
#     account.addresses, in postern.yaml.
#   requires: [account]
package postern.rules.sender.from_affiliation

import data.postern.lib.account

findings contains {
	"message": sprintf("From is %q, which is not under the account's domains", [from.address]),
	"value": from.address,
	"limit": concat(", ", data.postern.account.domains),
	"line": from.line,
} if {
	data.postern.account != null
	data.postern.provider != "pair"
	some from in input.sender.from
	not account.affiliated(data.postern.account, data.postern.provider, from)
}
