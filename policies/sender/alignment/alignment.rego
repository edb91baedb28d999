# METADATA
# scope: package
# title: Envelope sender and From are of different domains
# description: >-
#   DMARC passes when SPF holds for an envelope sender under From's registrable domain, or when a DKIM signature is of that domain.
#   Gmail, Yahoo and Microsoft ask bulk senders for one of the two. Here the envelope is of another domain, so that everything
#   hangs on a signature that the message does not have.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc7489#section-3.1
# custom:
#   severity: warning
#   opaque: true
#   clause: RFC 7489 section 3.1
#   remedy: >-
#     Set the envelope sender (sendmail -f) to an address under From's domain, or switch on DKIM for From's domain in the Account
#     Control Center.
package postern.rules.sender.alignment

import data.postern.lib.domains

findings contains {
	"message": sprintf(
		"the envelope sender is under %q and From under %q, and no DKIM signature is of From's domain",
		[input.sender.envelope.registrable_domain, from.registrable_domain],
	),
	"value": input.sender.envelope.registrable_domain,
	"limit": from.registrable_domain,
	"line": from.line,
} if {
	input.sender.envelope != null
	some from in input.sender.from
	from.registrable_domain != ""
	from.registrable_domain != input.sender.envelope.registrable_domain
	not _signed(from.registrable_domain)
}

_signed(domain) if {
	some signer in input.authentication.dkim_domains
	domains.within(signer, [domain])
}
