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
#   opaque: true
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
	not sender.domain in _lists.real
	some meant in _candidates(sender.domain)
	distance.one(sender.domain, meant)
}

_lists := data.postern.lists.sender.domain_typo

# The names that the domain could be meant for: none when it is one of them.
_candidates(domain) := names if {
	not _well_known(domain)
	names := {name | some name in _own} | ({name | some name in _lists.starts[substring(domain, 0, 3)]} | _ends(domain))
}

_well_known(domain) if domain in _lists.starts[substring(domain, 0, 3)]

_ends(domain) := {name | some name in _lists.ends[substring(domain, max([0, count(domain) - 5]), -1)]} if {
	count(domain) > 5
} else := set()

_own := data.postern.account.domains if {
	data.postern.account != null
} else := []
