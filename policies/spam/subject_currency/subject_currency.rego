# METADATA
# scope: package
# title: Subject names an amount of money
# description: Filters add a little to the score of a message whose subject holds a currency sign beside a number.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: info
#   fields: [Subject]
#   clause: spam/spamassassin
#   remedy: In a mailing, leave the amount to the text; in an invoice it is fine.
package postern.rules.spam.subject_currency

findings contains {"message": sprintf("the subject %q holds an amount of money", [input.header.subject.text])} if {
	input.header.subject.currency
}
