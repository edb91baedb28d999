# METADATA
# scope: package
# title: Mail of list software of one's own
# description: >-
#   Pair forbids customers to run mailing list software of their own, packaged or custom. The header names such software. It is
#   a warning only, because Pair's own pairList is Mailman and leaves the same fields.
# related_resources:
#   - ref: https://policy.pair.com/hosting/usage-policies/resource-usage.html
#   - ref: https://www.pair.com/support/kb/frequently-asked-questions-pairlist/
# custom:
#   severity: warning
#   opaque: true
#   clause: pair/own_list
#   remedy: Move the list to pairList in the Account Control Center; if pairList already runs it, disable this rule.
package postern.rules.pair.bulk_own_list_software

import data.postern.lib.account
import data.postern.lib.bulk

findings contains {
	"message": sprintf("the header names %q, and the sender is the account's own", [input.list.software]),
	"value": input.list.software,
} if {
	input.list.software != ""
	bulk.own
	_ours
}

# Without an account, a message that no server has had yet is taken to be the user's.
_ours if {
	data.postern.account == null
	input.header.received == 0
}

_ours if {
	data.postern.account != null
	some from in input.sender.from
	account.affiliated(data.postern.account, data.postern.provider, from)
}
