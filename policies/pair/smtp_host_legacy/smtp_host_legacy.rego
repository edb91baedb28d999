# METADATA
# scope: package
# title: Host is the relay of former times
# description: >-
#   relay.pair.com took mail after a login to POP ("POP before SMTP"). Pair's page names it no more: programs log in with
#   SMTP AUTH at the host of the account.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: warning
#   clause: pair/auth
#   remedy: >-
#     Set the host to username.mail.pairserver.com, or to mailNNN.pair.com for an account created before June 1, 2011, and
#     turn on TLS and SMTP AUTH.
#   input: settings
package postern.rules.pair.smtp_host_legacy

import data.postern.lib.settings

findings contains {
	"message": "host is relay.pair.com, which Pair's page names no more",
	"value": setting.host,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
} if {
	some setting in input.settings
	setting.host == "relay.pair.com"
}
