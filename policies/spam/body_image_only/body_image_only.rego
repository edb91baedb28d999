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
	"message": sprintf("images: %d, words: %d, fewer than %d", [text.images, text.html_words, _words]),
	"value": text.html_words,
	"limit": _words,
} if {
	text := input.text
	text.images > 0
	text.html_words < _words
	text.undecoded == 0
}

_words := data.postern.limits.spam.body_image_only.words
