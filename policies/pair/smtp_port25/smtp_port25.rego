# METADATA
# scope: package
# title: Port 25 is often blocked
# description: >-
#   Many access providers let nobody reach port 25 of another server than their own. The settings then work in one network
#   and fail in the next.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: info
#   clause: pair/ports
#   remedy: >-
#     Use port 465 with TLS from the start, or port 587 with STARTTLS.
#   input: settings
package postern.rules.pair.smtp_port25

import data.postern.lib.settings

findings contains {
	"message": sprintf("port is %d, which many networks block", [setting.port]),
	"value": setting.port,
	"limit": "465, 587",
	"file": setting.file,
	"line": settings.line(setting.port_line, setting),
} if {
	some setting in input.settings
	settings.applies(setting, data.postern.provider, data.postern.account)
	setting.port == data.postern.limits.pair.smtp_port25.blocked_port
}
