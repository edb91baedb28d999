# METADATA
# scope: package
# title: Display name shows another address
# description: >-
#   Many programs show the display name only. An address of another domain in it passes the message off as somebody else's.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.2
#   - ref: https://rspamd.com/
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 5322 section 3.6.2
#   remedy: Put a person's or an organization's name into the display name, or the same address that stands in angle brackets.
package postern.rules.sender.display_name_spoof

import data.postern.lib.domains

findings contains {
	"message": sprintf("the name in From shows %q, the address is %q", [from.display_name_address, from.address]),
	"value": from.display_name_address,
	"limit": from.address,
	"line": from.line,
} if {
	some from in input.sender.from
	from.display_name_address != ""
	parts := split(from.display_name_address, "@")
	shown := parts[count(parts) - 1]
	not _same(shown, from)
	not _own(shown)
}

_same(shown, from) if shown == from.domain

_same(shown, from) if {
	from.registrable_domain != ""
	domains.within(shown, [from.registrable_domain])
}

# Both names are the user's.
_own(shown) if {
	data.postern.account != null
	domains.within(shown, data.postern.account.domains)
}
