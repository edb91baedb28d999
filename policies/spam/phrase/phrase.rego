# METADATA
# scope: package
# title: Stock phrases of unwanted mail
# description: >-
#   Filters count phrases that unwanted mail is full of. One of them proves nothing; several make a message look like what it is
#   not.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: info
#   opaque: true
#   clause: spam/spamassassin
#   remedy: Say it in your own words, with names and facts that fit the recipient.
package postern.rules.spam.phrase

findings contains {
	"message": sprintf("stock phrases of unwanted mail (%d): %s", [count(input.text.phrases), concat(", ", input.text.phrases)]),
	"value": count(input.text.phrases),
	"limit": 0,
} if {
	count(input.text.phrases) > 0
}
