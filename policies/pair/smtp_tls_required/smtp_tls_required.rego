# METADATA
# scope: package
# title: TLS is not required
# description: >-
#   Pair requires TLS, from the start or by STARTTLS, for every login. A program that uses TLS only when it is offered
#   sends the password in the clear as soon as somebody on the way takes the offer out.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: error
#   clause: pair/tls
#   remedy: >-
#     Turn TLS on: port 465 with TLS from the start, or port 587 with STARTTLS that is required.
#   input: settings
package postern.rules.pair.smtp_tls_required

import data.postern.lib.settings

findings contains {
	"message": sprintf("%s with %q", [_says[setting.tls], setting.host]),
	"value": setting.tls,
	"limit": "implicit, starttls",
	"file": setting.file,
	"line": settings.line(setting.tls_line, setting),
} if {
	some setting in input.settings
	settings.applies(setting, data.postern.provider, data.postern.account)
	setting.tls in {"none", "optional"}
}

_says := {"none": "no TLS", "optional": "TLS only if the server offers it"}
