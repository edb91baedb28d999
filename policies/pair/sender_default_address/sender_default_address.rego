# METADATA
# scope: package
# title: From is the provider's default address
# description: >-
#   Mail of scripts that set no sender goes out from a generic address. That address is not covered by the SPF record and the
#   DKIM key of your own domain, and many providers refuse such mail.
# related_resources:
#   - ref: https://www.pair.com/support/kb/setting-up-an-smtp-plugin-to-send-wordpress-emails/
# custom:
#   severity: warning
#   opaque: true
#   clause: pair/default_address
#   remedy: >-
#     Set a From address under your own domain that has a mailbox, and submit with that mailbox's name and password; for
#     WordPress, use an SMTP plug-in.
package postern.rules.pair.sender_default_address

import data.postern.lib.account
import data.postern.lib.domains

findings contains {
	"message": sprintf("From is %q, an address of the provider and not of your own domain", [from.address]),
	"value": from.address,
	"line": from.line,
} if {
	some from in input.sender.from
	_default(from)
}

_default(from) if {
	data.postern.account != null
	account.default_address(data.postern.account, from)
}

# A host of Pair's, as a script's sendmail puts it after www or the user's name.
_default(from) if {
	from.domain != "pair.com"
	domains.within(from.domain, data.postern.lists.pair.sender_default_address.host_domains)
}

_default(from) if {
	data.postern.account == null
	from.domain == "pair.com"
}
