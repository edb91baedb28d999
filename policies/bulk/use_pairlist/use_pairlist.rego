# METADATA
# scope: package
# title: Mailing through the mail server instead of a pairList
# description: >-
#   Pair asks not to run a mailing list through its mail server, and may deactivate an account for bulk delivery of any kind. It
#   offers pairList for mailings.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
#   - ref: https://www.pair.com/support/kb/frequently-asked-questions-pairlist/
# custom:
#   severity: warning
#   clause: pair/bulk
#   remedy: Set up a pairList in the Account Control Center and send the mailing to its address, one message with one recipient.
package postern.rules.bulk.use_pairlist

import data.postern.lib.bulk
import data.postern.lib.history

findings contains {
	"message": sprintf("bulk mail (%s) goes through the mail server", [bulk.because]),
} if {
	data.postern.provider == "pair"
	bulk.own
}

findings contains {
	"message": sprintf("a mailing of %d single messages goes through the mail server", [history.campaign.messages]),
} if {
	data.postern.provider == "pair"
	input.history != null
	history.campaign
	not bulk.own
}
