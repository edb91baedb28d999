# METADATA
# scope: package
# title: Subject is in capitals
# description: Filters add to the score of a message whose subject shouts, and people do not like it either.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: warning
#   fields: [Subject]
#   clause: spam/spamassassin
#   remedy: Write the subject in ordinary letters.
package postern.rules.spam.subject_caps

findings contains {
	"message": sprintf("%d of %d letters of the subject are capitals, over %d %%", [subject.capitals, subject.letters, _percent]),
	"value": subject.capitals,
	"limit": floor((subject.letters * _percent) / 100),
} if {
	subject := input.header.subject
	subject.letters >= data.postern.limits.spam.subject_caps.letters
	subject.capitals * 100 > subject.letters * _percent
}

_percent := data.postern.limits.spam.subject_caps.percent
