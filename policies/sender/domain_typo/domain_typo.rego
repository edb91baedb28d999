# METADATA
# scope: package
# title: Sender's domain looks mistyped
# description: >-
#   The domain is one letter away from a well-known one or from one of the account's: a letter too many, too few, another, or two
#   swapped. Answers and bounces would go to a stranger.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.2
# custom:
#   severity: warning
#   clause: RFC 5322 section 3.6.2
#   remedy: Correct the domain. If it is meant as it is, add it to account.domains in postern.yaml.
package postern.rules.sender.domain_typo

import data.postern.lib.distance
import data.postern.lib.domains

findings contains {
	"message": sprintf("%q is one letter away from %s", [sender.address, meant]),
	"value": sender.domain,
	"limit": meant,
	"line": sender.line,
} if {
	some senders in [input.sender.from, input.sender.reply_to]
	some sender in senders
	not domains.within(sender.domain, _own)
	not sender.domain in _lists.well_known
	not sender.domain in _lists.real
	some meant in _candidates(sender.domain)
	distance.one(sender.domain, meant)
}

_lists := data.postern.lists.sender.domain_typo

_candidates(domain) := array.concat(_own, _lists.well_known) if {
	_resembles(domain)
} else := _own

_resembles(domain) if strings.any_prefix_match(domain, _lists.starts)

_resembles(domain) if strings.any_suffix_match(domain, _lists.ends)

_own := data.postern.account.domains if {
	data.postern.account != null
} else := []
