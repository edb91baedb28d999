# METADATA
# scope: package
# title: Greeting without a name
# description: >-
#   A blank stands before the comma of the greeting: the name that belongs there was empty when the message was made.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: error
#   opaque: true
#   clause: a greeting names the reader or does without a name
#   remedy: >-
#     Give the name a default in the template, such as "Hello," without a blank when it is empty.
package postern.rules.template.merge_empty_greeting

import data.postern.lib.template

findings contains {
	"message": sprintf("the greeting %q has no name", [spot.text]),
	"value": spot.text,
	"path": spot.path,
	"line": spot.line,
	"severity": template.grave,
} if {
	some spot in input.leftovers.greetings.sample
}
