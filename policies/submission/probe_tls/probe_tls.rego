# METADATA
# scope: package
# title: Server does not give the TLS that submission needs
# description: >-
#   The server was asked. Without TLS, or with a version that is broken, a password cannot be sent to it; TLS 1.0 and 1.1
#   are not to be used any more (RFC 8996).
# related_resources:
#   - ref: https://www.rfc-editor.org/rfc/rfc8314#section-3.3
#   - ref: https://www.rfc-editor.org/rfc/rfc8996
# custom:
#   severity: error
#   clause: RFC 8314 section 3.3
#   remedy: >-
#     Use port 465 with tls implicit, or port 587 with tls starttls, and check that host and port are those of the provider.
#   input: settings
package postern.rules.submission.probe_tls

import data.postern.lib.settings

findings contains {
	"message": sprintf("%q port %d gives no TLS: %s", [setting.host, setting.port, setting.probe.tls_problem]),
	"value": "none",
	"limit": _versions,
	"file": setting.file,
	"line": settings.line(setting.tls_line, setting),
} if {
	some setting in input.settings
	setting.probe.done
	setting.probe.tls == ""
}

findings contains {
	"message": sprintf("%q speaks %s at most", [setting.host, setting.probe.tls]),
	"value": setting.probe.tls,
	"limit": _versions,
	"file": setting.file,
	"line": settings.line(setting.tls_line, setting),
} if {
	some setting in input.settings
	setting.probe.done
	setting.probe.tls != ""
	not setting.probe.tls in data.postern.limits.submission.probe_tls.versions
}

_versions := concat(", ", data.postern.limits.submission.probe_tls.versions)
