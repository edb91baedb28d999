# METADATA
# scope: package
# title: Message is empty
# description: >-
#   No word, no image and no attachment: the text was lost on the way into the message, or a program tries out addresses. Filters
#   refuse such mail (rspamd's COMPLETELY_EMPTY, weight 15). It is a warning when the structure of the body is broken.
# related_resources:
#   - ref: https://github.com/rspamd/rspamd/tree/master/conf/scores.d
# custom:
#   severity: error
#   clause: spam/rspamd
#   remedy: Find out why the text is missing; a word such as "see subject" is enough if the subject says it all.
package postern.rules.spam.body_empty

findings contains {
	"message": sprintf("no word, no image and no attachment in a body of %d octets", [input.size.body_bytes]),
	"severity": _severity,
} if {
	input.text.empty
	input.text.undecoded == 0
	not input.text.truncated
	not input.automation.delivery_report
}

# The words of a body whose structure is broken can be where no program looks for them.
_severity := "warning" if {
	_broken
} else := "error"

_broken if {
	some problem in input.problems
	some prefix in ["mime.", "rfc.mime_", "limit."]
	startswith(problem.id, prefix)
}
