# METADATA
# scope: package
# title: A content filter may take the message for spam
# description: >-
#   An estimate, not a verdict: the scores that SpamAssassin gives without network tests to what can be seen in the message,
#   added up. Real filters know much more, above all about the sender.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: warning
#   clause: spam/spamassassin
#   remedy: Do away with the parts that count most; each has a rule of its own or is named by what it is.
package postern.rules.spam.score_estimate

findings contains {
	"message": sprintf(
		"estimated score %s, a filter says spam at %s: %s",
		[_tenths(_score), _tenths(_limit), concat(", ", _parts)],
	),
	"value": _score,
	"limit": _limit,
} if {
	_score >= _limit
}

_limit := data.postern.limits.spam.score_estimate.score

_scores := data.postern.lists.spam.score_estimate.scores

# Sums of tenths are not exact in binary; the estimate is told in tenths.
_score := round(sum([_scores[signal] | some signal in _signals]) * 10) / 10

_parts := [sprintf("%s %s", [signal, _tenths(_scores[signal])]) | some signal in sort(_signals)]

# sprintf shows a whole number without its tenths, or not at all.
_tenths(number) := sprintf("%d.%d", [floor(tenths / 10), tenths % 10]) if {
	tenths := round(number * 10)
}

# Problems that were met while reading, by their ids.
_signals contains problem.id if {
	some problem in input.problems
	_scores[problem.id]
}

_signals contains "date_in_future" if {
	input.header.date.skew_seconds > data.postern.lists.spam.score_estimate.future_seconds
}

_signals contains "subject_capitals" if count(data.postern.rules.spam.subject_caps.findings) > 0

_signals contains "fake_reply" if count(data.postern.rules.spam.subject_fake_reply.findings) > 0

_signals contains "html_only" if {
	input.text.html_parts > 0
	input.text.plain_parts == 0
}

_signals contains "text_html_differ" if input.text.alternative_differs

_signals contains "image_only" if count(data.postern.rules.spam.body_image_only.findings) > 0

_signals contains "empty" if input.text.empty

_signals contains "hidden_text" if input.text.hidden_text > 0

_signals contains "link_to_ip" if count(data.postern.rules.spam.link_ip.findings) > 0

_signals contains "capitals" if {
	input.text.letters >= data.postern.lists.spam.score_estimate.capitals_letters
	input.text.capitals * 4 > input.text.letters * 3
}

_signals contains "unreplaced_template" if {
	some placeholder in input.text.placeholders
	placeholder.place == "header"
}

_signals contains "free_mail_reply_to" if count(data.postern.rules.sender.replyto_mismatch.findings) > 0

_signals contains "sorted_recipients" if input.recipients.sorted

_signals contains phrase if {
	some phrase in input.text.phrases
	_scores[phrase]
}
