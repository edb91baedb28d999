# METADATA
# scope: package
# title: Server's certificate is not checked
# description: >-
#   TLS without a check of the certificate keeps nobody out who can put himself between program and server: he shows any
#   certificate and reads the password.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8314#section-5.1
#   - ref: https://www.rfc-editor.org/rfc/rfc7817
# custom:
#   severity: error
#   clause: RFC 8314 section 5.1
#   remedy: >-
#     Turn the check on, and connect to the name that the certificate is for. In Postfix that is smtp_tls_security_level =
#     secure with smtp_tls_CAfile; encrypt takes any certificate.
#   input: settings
package postern.rules.submission.tls_verify_off

import data.postern.lib.settings

findings contains {
	"message": sprintf("the certificate of %q is not checked", [setting.host]),
	"value": setting.verify,
	"limit": "on",
	"file": setting.file,
	"line": settings.line(setting.verify_line, setting),
} if {
	some setting in input.settings
	setting.verify == "off"
	not setting.tls in {"none", "optional"}
	not settings.nearby(setting.host)
}
