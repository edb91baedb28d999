# METADATA
# scope: package
# title: Subject holds an address of the web
# description: Filters add to the score of a message whose subject holds a link (rspamd's URL_IN_SUBJECT, weight 4).
# related_resources:
#   - ref: https://github.com/rspamd/rspamd/tree/master/conf/scores.d
# custom:
#   severity: warning
#   fields: [Subject]
#   opaque: true
#   clause: spam/rspamd
#   remedy: Put the link into the text.
package postern.rules.spam.subject_url

findings contains {
	"message": sprintf("the subject %q holds an address of the web", [input.header.subject.text]),
	"value": input.header.subject.text,
} if {
	input.header.subject.url
}
