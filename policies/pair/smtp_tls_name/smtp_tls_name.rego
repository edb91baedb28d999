# METADATA
# scope: package
# title: Host is a name that the server's certificate is not for
# description: >-
#   Pair's servers have certificates for the names of Pair. A program that connects to the customer's own name, such as
#   mail.example.com, gets a certificate for another name, and either refuses it or has its check turned off.
# related_resources:
#   - ref: https://www.pair.com/support/kb/smtp-service-at-pair-networks/
# custom:
#   severity: error
#   clause: pair/certificate_new
#   remedy: >-
#     Set the host to the name that is given here, and leave the check of the certificate on. The ACC shows the host name
#     with each mailbox.
#   requires: [account]
#   input: settings
package postern.rules.pair.smtp_tls_name

import data.postern.lib.settings

findings contains {
	"message": sprintf("host is %q, the server's certificate is for %s", [setting.host, _expected]),
	"value": setting.host,
	"limit": _expected,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
} if {
	data.postern.provider == "pair"
	some setting in input.settings
	settings.own_name(setting.host, data.postern.account)
	setting.tls != "none"
}

_expected := settings.host(data.postern.account, data.postern.limits.pair.smtp_host_era.new_hosts_from)
