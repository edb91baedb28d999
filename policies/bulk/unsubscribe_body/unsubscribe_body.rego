# METADATA
# scope: package
# title: Bulk mail does not say how to unsubscribe
# description: >-
#   Gmail asks for a visible link in the body besides the header field, and the laws on commercial mail for a clear way out.
#   Whether a text offers one is a guess from its words.
# related_resources:
#   - ref: https://support.google.com/mail/answer/81126
#   - ref: https://www.ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business
# custom:
#   severity: warning
#   clause: bulk/one_click
#   remedy: Add a line with a link to unsubscribe where a reader sees it, usually at the end.
package postern.rules.bulk.unsubscribe_body

import data.postern.lib.bulk

findings contains {
	"message": sprintf("the text of bulk mail (%s) offers no way to unsubscribe", [bulk.because]),
} if {
	bulk.own
	not input.text.unsubscribe
	bulk.readable
}
