# METADATA
# scope: package
# title: Link to a bare IP address
# description: >-
#   Ordinary sites have names. Links to addresses of the local network do not work for anybody else; filters add to the score of
#   both.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: warning
#   opaque: true
#   clause: spam/spamassassin
#   remedy: Link to the name of the host.
package postern.rules.spam.link_ip

findings contains {
	"message": sprintf("a link leads to the IP address %s", [link.host]),
	"value": link.host,
	"path": link.path,
	"line": link.line,
} if {
	some link in input.links.items
	link.ip_host
}
