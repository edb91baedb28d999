# METADATA
# scope: package
# title: Nothing says that the domain of bulk mail publishes DMARC
# description: >-
#   Gmail, Yahoo and Microsoft refuse bulk mail from a domain without a DMARC record; p=none is enough for them. The record is in
#   the DNS, which is not asked here: account.dmarc in postern.yaml says which of your domains have one.
# related_resources:
#   - ref: https://support.google.com/mail/answer/81126
#   - ref: https://www.rfc-editor.org/rfc/rfc7489
# custom:
#   severity: warning
#   clause: bulk/dmarc
#   remedy: >-
#     Publish a TXT record such as "v=DMARC1; p=none; rua=mailto:postmaster@example.com" at _dmarc.example.com, with your own
#     domain, and name the domain under account.dmarc in postern.yaml.
#   requires: [account]
package postern.rules.bulk.dmarc_declared

import data.postern.account
import data.postern.lib.bulk
import data.postern.lib.domains

findings contains {
	"message": sprintf("bulk mail (%s) is from %q, which account.dmarc does not name", [bulk.because, from.domain]),
	"value": from.domain,
	"line": from.line,
} if {
	bulk.own
	some from in input.sender.from
	domains.within(from.domain, account.domains)
	not domains.within(from.domain, account.dmarc)
}
