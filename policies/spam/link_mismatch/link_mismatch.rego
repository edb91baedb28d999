# METADATA
# scope: package
# title: Link shows another host than it leads to
# description: >-
#   Phishing shows the address of a bank and leads elsewhere. Links that count clicks look the same, so it is a warning; it is an
#   error where the text is a whole address and the link leads to a bare IP address or hides its host behind a user name. Links
#   that lead to the sender's own domain pass.
# related_resources:
#   - ref: https://github.com/apache/spamassassin/blob/trunk/rules/50_scores.cf
# custom:
#   severity: warning
#   opaque: true
#   clause: spam/misleading_header
#   remedy: Let the text be words or the host that the link leads to; count clicks under your own domain.
package postern.rules.spam.link_mismatch

import data.postern.lib.domains

findings contains {
	"message": sprintf("the text of a link shows %q, it leads to %q", [link.text_host, link.host]),
	"value": link.host,
	"limit": link.text_host,
	"path": link.path,
	"line": link.line,
	"severity": _severity(link),
} if {
	some link in input.links.items
	link.mismatch
	not domains.within(link.host, _own)
}

_own := {from.registrable_domain | some from in input.sender.from; from.registrable_domain != ""}

_severity(link) := "error" if {
	startswith(lower(link.text), "http")
	_hides(link)
} else := "warning"

_hides(link) if link.ip_host

_hides(link) if link.credentials
