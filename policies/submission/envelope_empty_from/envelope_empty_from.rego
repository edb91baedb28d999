# METADATA
# scope: package
# title: Envelope sender is empty
# description: >-
#   The null sender <> is for reports about other mail and for automatic answers. With any other message it means that
#   nobody hears of a failure, and many servers refuse or distrust it.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.5
# custom:
#   severity: warning
#   opaque: true
#   clause: RFC 5321 section 4.5.5
#   remedy: >-
#     Give the program an envelope sender, for example with sendmail -f, that belongs to the account and is read.
package postern.rules.submission.envelope_empty_from

findings contains {"message": "the envelope sender is <>, and the message is neither a report nor an automatic answer"} if {
	input.sender.null_envelope
	not input.automation.delivery_report
	not startswith(input.automation.auto_submitted, "auto-")
}
