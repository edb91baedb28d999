# METADATA
# scope: package
# title: Link through a URL shortener
# description: >-
#   Nobody can see where a short link leads, and spammers use the same services, so filters judge a message by what others have
#   sent through them.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/25_url_shortener.cf
# custom:
#   severity: warning
#   opaque: true
#   clause: spam/spamassassin
#   remedy: Link to the page itself, or use a short link under your own domain.
package postern.rules.spam.link_shortener

findings contains {
	"message": sprintf("a link leads through the URL shortener %s", [host]),
	"value": host,
} if {
	some host in input.links.hosts
	data.postern.lists.spam.link_shortener.hosts[trim_prefix(host, "www.")]
}
