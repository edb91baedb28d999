# METADATA
# scope: package
# title: From is an address of a free mail provider
# description: >-
#   Gmail, Yahoo and others publish DMARC policies for their domains and ask that nobody else sends from them. Mail from such an
#   address that leaves by your own server fails SPF and DKIM alignment, and many servers refuse it.
# related_resources:
#   - ref: https://support.google.com/mail/answer/81126
# custom:
#   severity: warning
#   opaque: true
#   clause: sender/impersonate
#   remedy: Send from an address under your own domain, and put the free mail address into Reply-To.
package postern.rules.sender.freemail_from

findings contains {
	"message": sprintf("From is %q, an address of a free mail provider that does not send through your server", [from.address]),
	"value": from.address,
	"line": from.line,
} if {
	some from in input.sender.from
	data.postern.lists.sender.freemail_from.domains[from.domain]
	not _own(from.domain)
}

# The account of such a provider itself.
_own(domain) if {
	data.postern.account != null
	domain in data.postern.account.domains
}
