package postern.rules.spam.body_image_only_test

import data.postern.rules.spam.body_image_only

_findings(images, words, undecoded) := found if {
	found := body_image_only.findings with input as {"text": {
		"images": images, "html_words": words, "undecoded": undecoded,
	}}
}

test_passes_at_the_limit if count(_findings(1, 20, 0)) == 0

test_fails_one_under if {
	_findings(2, 19, 0) == {{"message": "images: 2, words: 19, fewer than 20", "value": 19, "limit": 20}}
}

test_passes_without_images if count(_findings(0, 5, 0)) == 0

test_passes_when_the_words_are_unknown if count(_findings(1, 0, 1)) == 0
