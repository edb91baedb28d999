# METADATA
# scope: package
# title: Subject says "Re:" and the message answers nothing
# description: >-
#   A reply has In-Reply-To or References. A new message with "Re:" in the subject pretends that a conversation is under way,
#   which filters and the law on commercial mail take for deception. Some programs of old leave these fields out, so it is a
#   warning only.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4
#   - ref: https://www.rfc-editor.org/rfc/rfc5322#section-3.6.5
# custom:
#   severity: warning
#   fields: [Subject]
#   opaque: true
#   clause: spam/misleading_header
#   remedy: Take "Re:" out of the subject, or set In-Reply-To and References to the message that is answered.
package postern.rules.spam.subject_fake_reply

findings contains {
	"message": sprintf("the subject %q is that of a reply, and there is no In-Reply-To and no References", [subject.text]),
	"value": subject.text,
} if {
	subject := input.header.subject
	subject.reply
	not input.header.in_reply_to
	not input.header.references
}
