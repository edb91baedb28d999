# METADATA
# scope: package
# title: Server's certificate is not good for the host
# description: >-
#   The server was asked. A program that checks certificates, as all have to, refuses this one; one that does not check it
#   gives its password to whoever answers.
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8314#section-3
#   - ref: https://www.rfc-editor.org/rfc/rfc7817#section-3
# custom:
#   severity: error
#   clause: RFC 7817 section 3
#   remedy: >-
#     Set submission.host to a name that the certificate is for. If it is the right name, the server or the way to it is not
#     what it seems to be, or this machine lacks the authority's certificate (ca-certificates): send no password.
#   input: settings
package postern.rules.submission.probe_certificate

import data.postern.lib.settings

findings contains {
	"message": sprintf("the certificate of %q cannot be trusted: %s", [setting.host, setting.probe.certificate]),
	"value": concat(", ", setting.probe.certificate_names),
	"limit": setting.host,
	"file": setting.file,
	"line": settings.line(setting.host_line, setting),
} if {
	some setting in input.settings
	setting.probe.done
	setting.probe.certificate != ""
}
