# METADATA
# scope: package
# title: Hidden text
# description: >-
#   Text that styles hide from people is there for filters, and they know it. The preview text that newsletters begin with is not
#   counted.
# related_resources:
#   - ref: https://github.com/rspamd/rspamd/tree/master/conf/scores.d
# custom:
#   severity: warning
#   opaque: true
#   clause: spam/rspamd
#   remedy: Take the hidden text out; keep a preview text to the very beginning.
package postern.rules.spam.text_hidden

findings contains {
	"message": sprintf(
		"runs of text hidden by styles: %d, more than %d, such as %q",
		[input.text.hidden_text, _limit, input.text.hidden_sample],
	),
	"value": input.text.hidden_text,
	"limit": _limit,
} if {
	input.text.hidden_text > _limit
}

_limit := data.postern.limits.spam.text_hidden.runs
