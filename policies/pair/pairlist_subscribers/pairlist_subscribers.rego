# METADATA
# scope: package
# title: pairList has more subscribers than Pair gives one list
# description: >-
#   A pairList holds a stated number of subscribers; more have to be asked for. How many yours has, only you can say, in
#   account.pairlist_subscribers of postern.yaml.
# related_resources:
#   - ref: http://www.pair.com/support/knowledge_base/frequently_asked_questions/pairlist.html
# custom:
#   severity: warning
#   clause: pair/bulk
#   remedy: >-
#     Ask Pair for a larger list (pairlist@pair.com) before you subscribe more people; where they have agreed, set the limit in
#     postern.yaml to their number.
#   requires: [account]
#   input: settings
package postern.rules.pair.pairlist_subscribers

import data.postern.account

findings contains {
	"message": sprintf("the pairList has %d subscribers, %d is the most in one list", [account.pairlist_subscribers, _limit]),
	"value": account.pairlist_subscribers,
	"limit": _limit,
	"file": setting.file,
	"line": setting.line,
} if {
	account.pairlist_subscribers > _limit
	some setting in input.settings
	setting.name == "account.pairlist_subscribers"
}

_limit := data.postern.limits.pair.pairlist_subscribers.subscribers
