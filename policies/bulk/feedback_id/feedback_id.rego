# METADATA
# scope: package
# title: Bulk mail without Feedback-ID
# description: >-
#   With a Feedback-ID field Gmail reports complaints for each mailing apart, so that the one that annoys people can be found.
# related_resources:
#   - ref: https://support.google.com/mail/answer/6254652
# custom:
#   severity: info
#   fields: [Feedback-ID]
#   opaque: true
#   clause: Gmail's feedback loop
#   remedy: 'If you send much to Gmail, add "Feedback-ID: campaign:customer:kind:sender" with the same last part in all your mail.'
package postern.rules.bulk.feedback_id

import data.postern.lib.bulk

findings contains {
	"message": sprintf("bulk mail (%s) has no Feedback-ID field", [bulk.because]),
} if {
	bulk.own
	input.list.feedback_id == ""
}
