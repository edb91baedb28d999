# METADATA
# scope: package
# title: Address that nobody has
# description: >-
#   Names under .test, .example, .invalid and .localhost never exist in the public DNS; example.com, example.net and
#   example.org exist and take no mail; as a sender they are only noted, because demonstrations use them. As a sender, or
#   written into a template, such an address is left over from a draft. Addresses in a rendered text can be sample data
#   and are not looked at.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc2606
#   - ref: https://www.rfc-editor.org/rfc/rfc6761
# custom:
#   severity: warning
#   opaque: true
#   clause: RFC 2606 section 2
#   remedy: >-
#     Put the address there that readers are to answer to.
package postern.rules.template.address_dummy

import data.postern.lib.reserved

findings contains {
	"message": sprintf("nobody has the address %q in %s", [sender.address, sender.field]),
	"value": sender.address,
	"line": sender.line,
	"severity": _severity(sender.domain),
} if {
	input.origin == "template"
	some list in [input.sender.from, input.sender.sender, input.sender.reply_to]
	some sender in list
	reserved.name(sender.domain)
	not reserved.owned(sender.domain)
}

findings contains {
	"message": sprintf("nobody has the address %q", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
} if {
	input.opaque
	some spot in input.leftovers.addresses.sample
	parts := split(lower(spot.text), "@")
	domain := parts[count(parts) - 1]
	reserved.name(domain)
	not reserved.owned(domain)
}

_severity(domain) := "error" if {
	reserved.never(domain)
} else := "info"
