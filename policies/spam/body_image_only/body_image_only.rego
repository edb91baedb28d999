# METADATA
# scope: package
# title: Images and hardly any words
# description: >-
#   Filters cannot read images, so they distrust HTML that is nothing else. People whose program does not load images see an
#   empty page.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: warning
#   clause: spam/spamassassin
#   remedy: Write what the images say as text, and give every image an alt text.
package postern.rules.spam.body_image_only

findings contains {
	"message": sprintf("images: %d, words: %d, fewer than %d", [input.text.images, input.text.html_words, _words]),
	"value": input.text.html_words,
	"limit": _words,
} if {
	input.text.images > 0
	input.text.html_words < _words
	input.text.undecoded == 0
}

_words := data.postern.limits.spam.body_image_only.words
