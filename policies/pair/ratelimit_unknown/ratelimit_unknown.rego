# METADATA
# scope: package
# title: Pair publishes no number of messages per hour or day
# description: >-
#   Pair states what one batch may hold, and that bulk delivery of any kind can cost the account. It states no number per hour
#   or day, so no rule here can say that a mailing is within it. This note comes with the rules on batches and bulk mail only.
# related_resources:
#   - ref: https://policy.pair.com/hosting/usage-policies/resource-usage.html
# custom:
#   severity: info
#   clause: pair/bulk_delivery
#   remedy: Ask Pair's support before you send a mailing in many batches.
package postern.rules.pair.ratelimit_unknown

import data.postern.lib.bulk
import data.postern.lib.recipients

findings contains {
	"message": "the provider states no number of messages per hour or day, so this mailing's rate is not judged",
} if {
	_mailing
}

_mailing if bulk.own

_mailing if recipients.receiving > data.postern.limits.pair.batch_recipients.recipients
