# METADATA
# scope: package
# title: Message is empty
# description: >-
#   No word, no image and no attachment: the text was lost on the way into the message, or a program tries out addresses. Filters
#   refuse such mail (rspamd's COMPLETELY_EMPTY, weight 15).
# related_resources:
#   - ref: https://github.com/rspamd/rspamd/tree/master/conf/scores.d
# custom:
#   severity: error
#   clause: spam/rspamd
#   remedy: Find out why the text is missing; a word such as "see subject" is enough if the subject says it all.
package postern.rules.spam.body_empty

findings contains {"message": sprintf("no word, no image and no attachment in a body of %d octets", [input.size.body_bytes])} if {
	input.text.empty
	input.text.undecoded == 0
	not input.text.truncated
	not input.automation.delivery_report
}
