# METADATA
# scope: package
# title: Bulk mail names no postal address
# description: >-
#   The laws on commercial mail of the United States and Canada ask for the sender's postal address. Whether a text holds one is a
#   guess from its form, and mail that sells nothing needs none.
# related_resources:
#   - ref: https://www.ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business
# custom:
#   severity: warning
#   clause: bulk/postal_address
#   remedy: Add the postal address of your organization, a post office box will do, at the end of the text.
package postern.rules.bulk.postal_address

import data.postern.lib.bulk

findings contains {
	"message": sprintf("the text of bulk mail (%s) holds nothing that reads as a postal address", [bulk.because]),
} if {
	bulk.own
	not input.text.postal_address
	bulk.readable
}
