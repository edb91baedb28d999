# METADATA
# scope: package
# title: Program does not log in
# description: >-
#   Pair takes mail for other servers only from programs that log in with SMTP AUTH.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: error
#   clause: pair/auth
#   remedy: >-
#     Turn SMTP AUTH on, with the user name and password of the mailbox.
#   input: settings
package postern.rules.pair.smtp_auth_required

import data.postern.lib.settings

findings contains {
	"message": sprintf("SMTP AUTH is off with %q", [setting.host]),
	"value": setting.auth,
	"limit": "on",
	"file": setting.file,
	"line": settings.line(setting.auth_line, setting),
} if {
	some setting in input.settings
	settings.applies(setting, data.postern.provider, data.postern.account)
	setting.auth == "off"
}
