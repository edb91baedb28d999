# METADATA
# scope: package
# title: Password crosses the network in the clear
# description: >-
#   A program that logs in without TLS, or with TLS only if it is offered, shows its password to everybody on the way. RFC
#   8314 has submission use TLS always.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8314#section-3
#   - ref: https://www.rfc-editor.org/rfc/rfc4954#section-4
# custom:
#   severity: error
#   clause: RFC 8314 section 3.3
#   remedy: >-
#     Turn TLS on: port 465 with TLS from the start, or port 587 with STARTTLS that is required. Then change the password.
#   input: settings
package postern.rules.submission.plaintext_auth

import data.postern.lib.settings

# Where Pair's own rule on TLS applies, one finding is enough.
findings contains {
	"message": sprintf("login at %q %s", [setting.host, _says[setting.tls]]),
	"value": setting.tls,
	"limit": "implicit, starttls",
	"file": setting.file,
	"line": settings.line(setting.tls_line, setting),
} if {
	some setting in input.settings
	setting.auth == "on"
	setting.tls in {"none", "optional"}
	not settings.nearby(setting.host)
	not settings.applies(setting, data.postern.provider, data.postern.account)
}

_says := {"none": "without TLS", "optional": "with TLS only if the server offers it"}
