# METADATA
# scope: package
# title: Envelope sender or Sender is not one of yours
# description: >-
#   Bounces go to the envelope sender, and SPF is checked against it; Sender names who really submitted the message, Resent-From and
#   Resent-Sender who sends it again. A submission server may refuse them when they are not the user's (RFC 6409 section 6.1). The
#   fields of a message that other servers have had are only a note: mailing lists put in theirs. The null sender of a bounce passes.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc6409#section-6.1
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.2
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.6
# custom:
#   severity: error
#   opaque: true
#   clause: RFC 6409 section 6.1
#   remedy: >-
#     Set the envelope sender (sendmail -f) and Sender to an address under your own domains. If the address is yours, add it to
#     account.domains or account.addresses in postern.yaml.
#   requires: [account]
package postern.rules.sender.envelope_affiliation

import data.postern.lib.account

findings contains {
	"message": sprintf("the envelope sender is %q, which is not under the account's domains", [input.sender.envelope.address]),
	"value": input.sender.envelope.address,
	"limit": concat(", ", data.postern.account.domains),
} if {
	input.sender.envelope != null
	_foreign(input.sender.envelope)
}

findings contains {
	"message": sprintf("Sender is %q, which is not under the account's domains", [sender.address]),
	"value": sender.address,
	"limit": concat(", ", data.postern.account.domains),
	"line": sender.line,
	"severity": _severity,
} if {
	some sender in input.sender.sender
	_foreign(sender)
}

findings contains {
	"message": sprintf("the message is sent again as %q, which is not under the account's domains", [sender.address]),
	"value": sender.address,
	"limit": concat(", ", data.postern.account.domains),
	"line": sender.line,
	"severity": _severity,
} if {
	some sender in input.sender.resent_from
	_foreign(sender)
}

_foreign(address) if {
	data.postern.account != null
	not account.affiliated(data.postern.account, data.postern.provider, address)
}

_severity := "error" if {
	input.header.received == 0
} else := "info"
